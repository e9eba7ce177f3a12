// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Backends;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A dense, row-major array of numbers on one backend, and its place in the graph. Behaves as {@code
 * torch.Tensor}: a leaf made by the user may require a gradient; the result of an operation
 * requires one if recording is on and an input does. What can be computed from it stands in {@link
 * TensorOperations}. Reshaped and detached tensors share storage with their source, all other
 * results are new.
 */
public non-sealed class Tensor extends TensorOperations {
  private Storage storage;
  private final Shape shape;
  private boolean leafRequiresGrad;
  private @Nullable Node gradFn;
  private int outputNr;
  private @Nullable AccumulateGrad accumulator;
  private @Nullable Tensor grad;
  private boolean retainsGrad;
  private boolean inferenceView;
  private @Nullable View view;
  private int rewrites;
  private @Nullable Trace trace;

  private Tensor(Storage storage, Shape shape) {
    this.storage = storage;
    this.shape = shape;
  }

  /** A leaf that shares the storage of {@code data}. */
  protected Tensor(Tensor data, boolean requiresGrad) {
    this(data.storage, data.shape);
    setRequiresGrad(requiresGrad);
  }

  // Making tensors

  /** Wraps a backend's buffer, which from now on belongs to the tensor; for operations. */
  public static Tensor wrap(Buffer buffer, Shape shape) {
    return new Tensor(new Storage(buffer), shape);
  }

  /** Zeros of this shape and type on this backend. */
  public static Tensor zeros(Shape shape, DType dtype, Backend backend) {
    return wrap(BufferScope.own(backend.allocate(dtype, shape.numel())), shape);
  }

  /** FLOAT32 zeros on the default CPU backend. */
  public static Tensor zeros(long... shape) {
    return zeros(Shape.of(shape), DType.FLOAT32, defaultBackend());
  }

  public static Tensor ones(long... shape) {
    return full(1, shape);
  }

  public static Tensor full(double value, long... shape) {
    return zeros(shape).fill_(value);
  }

  public static Tensor zerosLike(Tensor t) {
    return zeros(t.shape, t.dtype(), t.backend());
  }

  public static Tensor onesLike(Tensor t) {
    return zerosLike(t).fill_(1);
  }

  /** FLOAT32 values in row-major order; without a shape a vector. */
  public static Tensor of(float[] values, long... shape) {
    Tensor t = sized(values.length, DType.FLOAT32, shape);
    t.backend().upload(values, t.buffer());
    return t;
  }

  /** FLOAT64 values in row-major order; without a shape a vector. */
  public static Tensor of(double[] values, long... shape) {
    Tensor t = sized(values.length, DType.FLOAT64, shape);
    t.backend().upload(values, t.buffer());
    return t;
  }

  /** INT64 values in row-major order; without a shape a vector. */
  public static Tensor of(long[] values, long... shape) {
    Tensor t = sized(values.length, DType.INT64, shape);
    t.backend().upload(values, t.buffer());
    return t;
  }

  /** A FLOAT32 scalar. */
  public static Tensor scalar(double value) {
    return zeros().fill_(value);
  }

  /** FLOAT32 samples of the standard normal distribution. */
  public static Tensor randn(Generator generator, long... shape) {
    float[] values = new float[Math.toIntExact(Shape.of(shape).numel())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) generator.nextGaussian();
    }
    return of(values, Shape.of(shape));
  }

  /** As {@link #of(float[], long...)}, for any rank. */
  public static Tensor of(float[] values, Shape shape) {
    return of(values).reshape(shape.dims()).detach();
  }

  private static Tensor sized(int length, DType dtype, long[] shape) {
    Shape s = shape.length == 0 ? Shape.of(length) : Shape.of(shape);
    if (s.numel() != length) {
      throw new ShapeMismatchException(
          "tensor: expected %d values for shape %s, got %d".formatted(s.numel(), s, length));
    }
    return zeros(s, dtype, defaultBackend());
  }

  private static Backend defaultBackend() {
    return Backends.cpu().backend();
  }

  // What it is

  public final Shape shape() {
    return shape;
  }

  public final int rank() {
    return shape.rank();
  }

  public final long size(int axis) {
    return shape.size(axis);
  }

  public final long numel() {
    return shape.numel();
  }

  public final DType dtype() {
    return storage.buffer().dtype();
  }

  public final Backend backend() {
    return storage.buffer().backend();
  }

  /**
   * The memory behind it, in row-major order; for operations. Writing to it goes unnoticed by
   * version checks.
   */
  public final Buffer buffer() {
    return storage.buffer();
  }

  /** How often its storage was written in place. */
  public final int version() {
    if (isInference()) {
      throw new AutogradException(
          "version: inference tensors do not track version counter; clone the tensor outside inference mode.");
    }
    return storage.version();
  }

  final void bumpVersion() {
    if (!isInference()) {
      storage.bumpVersion();
    }
  }

  /** Whether it was made in inference mode; see {@link GradMode#inferenceMode()}. */
  public final boolean isInference() {
    return storage.isInference();
  }

  /** For operations in place: refuses what would escape the version check. */
  public final void checkWritable(String op) {
    Modes modes = Modes.current();
    if (isInference() && !modes.inference) {
      throw new AutogradException(
          op
              + ": Inplace update to inference tensor outside inference mode is not allowed; write to a clone of it.");
    }
    if (inferenceView && modes.records()) {
      throw new AutogradException(
          op
              + ": a view was created in inference mode and is being modified in place outside it; take the view outside.");
    }
  }

  /** A view of a normal tensor stays one, and keeps what its base says about gradients. */
  final void viewedInInference(Tensor[] inputs) {
    for (Tensor base : inputs) {
      if (base.storage == storage && base.requiresGrad()) {
        leafRequiresGrad = true;
        inferenceView = true;
      }
    }
  }

  /** For operations in place: notes that the storage was written. */
  public final Tensor written() {
    bumpVersion();
    return this;
  }

  // Gradient flags

  public final boolean requiresGrad() {
    return gradFn != null || leafRequiresGrad;
  }

  /** Whether no operation that was recorded made it. */
  public final boolean isLeaf() {
    return gradFn == null;
  }

  /** The node that made it; null for a leaf. */
  public final @Nullable Node gradFn() {
    return gradFn;
  }

  /** Which result of {@link #gradFn()} it is; 0 for a leaf. */
  public final int outputNr() {
    return outputNr;
  }

  /**
   * The accumulated gradient; null before a backward pass reached it, and for tensors that do not
   * keep one.
   */
  public final @Nullable Tensor grad() {
    return grad;
  }

  public final Tensor requiresGrad_() {
    return requiresGrad_(true);
  }

  /**
   * Says whether a gradient is wanted: {@code false} freezes a parameter. Takes effect at the next
   * forward pass.
   */
  public final Tensor requiresGrad_(boolean value) {
    setRequiresGrad(value);
    return this;
  }

  private void setRequiresGrad(boolean value) {
    if (gradFn != null) {
      if (!value) {
        throw new AutogradException(
            "you can only change requires_grad flags of leaf tensors; use detach() for a tensor without history.");
      }
      return;
    }
    if (value && isInference() && !Modes.current().inference) {
      throw new AutogradException(
          "requires_grad_: setting requires_grad=True on inference tensor outside inference mode is not allowed; clone it.");
    }
    if (value && !dtype().isFloatingPoint()) {
      throw new AutogradException(
          "only tensors of floating point dtype can require gradients, got " + dtype());
    }
    leafRequiresGrad = value;
  }

  /** Replaces the gradient; null clears it. */
  public final void setGrad(@Nullable Tensor value) {
    if (value != null) {
      if (value == this) {
        throw new AutogradException("a tensor cannot be its own gradient.");
      }
      if (!value.shape.equals(shape) || value.dtype() != dtype() || value.backend() != backend()) {
        throw new AutogradException(
            "attempting to assign a gradient of size %s, %s on %s to a tensor of size %s, %s on %s"
                .formatted(
                    value.shape,
                    value.dtype(),
                    value.backend().name(),
                    shape,
                    dtype(),
                    backend().name()));
      }
    }
    grad = value == null ? null : TensorScope.living(value, this);
  }

  /**
   * Takes over the storage of {@code data}, of this shape, and stays the same object. A change of
   * type or device drops the gradient and the hooks of this leaf.
   */
  public final void setData(Tensor data) {
    if (gradFn != null || !data.shape.equals(shape)) {
      throw new AutogradException(
          "setData: expected a leaf and data of its shape %s, got data of shape %s%s"
              .formatted(shape, data.shape, gradFn == null ? "" : " for a tensor with history"));
    }
    if (leafRequiresGrad && !data.dtype().isFloatingPoint()) {
      throw new AutogradException(
          "setData: expected data of floating point dtype for a tensor that requires grad, got "
              + data.dtype());
    }
    if (data.dtype() != dtype() || data.backend() != backend()) {
      grad = null;
      accumulator = null; // made for gradients of the type before
    }
    TensorScope.living(data, this);
    storage = data.storage;
  }

  /** Drops the gradient, or overwrites it with zeros in place and takes its history from it. */
  public final void zeroGrad(boolean setToNull) {
    Tensor before = grad;
    if (before == null || setToNull) {
      grad = null;
      return;
    }
    grad = before.requiresGrad() ? before.detach() : before;
    try (var mode = GradMode.noGrad()) {
      grad.zero_();
    }
  }

  /** Makes a tensor that is not a leaf keep its gradient in {@link #grad()} as well. */
  public final void retainGrad() {
    if (!requiresGrad()) {
      throw new AutogradException("can't retain_grad on a tensor that has requires_grad=False.");
    }
    Node node = gradFn;
    if (node != null && !retainsGrad) {
      retainsGrad = true;
      node.hooks(outputNr).retain(this::accumulateGrad);
    }
  }

  public final boolean retainsGrad() {
    return retainsGrad;
  }

  /**
   * Calls {@code hook} with the summed gradient of this tensor in each backward pass, before
   * anything uses it; what it returns, if not null, takes the gradient's place.
   */
  public final Handle registerHook(UnaryOperator<@Nullable Tensor> hook) {
    Edge edge = gradEdge();
    if (edge == null) {
      throw new AutogradException(
          "cannot register a hook on a tensor that doesn't require gradient.");
    }
    return edge.node().hooks(edge.outputNr()).add(hook);
  }

  /**
   * Calls {@code hook} with this leaf whenever its {@code grad} was brought up to date by a
   * backward pass.
   */
  public final Handle registerPostAccumulateGradHook(Consumer<Tensor> hook) {
    if (gradFn != null) {
      throw new AutogradException(
          "post accumulate grad hooks cannot be registered on non-leaf tensors.");
    }
    if (!leafRequiresGrad) {
      throw new AutogradException(
          "cannot register a hook on a tensor that doesn't require gradient.");
    }
    return accumulator().addPostHook(hook);
  }

  /** Shares storage and version with this tensor, but has no history and requires no gradient. */
  public final Tensor detach() {
    Tensor alias = new Tensor(storage, shape);
    if (Modes.current().watched) {
      Trace.noteDetach(alias, this);
    }
    return alias;
  }

  /**
   * Another shape over the same storage and without history; for operations. The number of elements
   * must agree.
   */
  public final Tensor sharing(Shape other) {
    Tensor shared = new Tensor(storage, other);
    shared.view = View.of(this);
    return shared;
  }

  /** Turns this tensor into a leaf without history that requires no gradient. */
  public final Tensor detach_() {
    if (view() != null) {
      throw new AutogradException(
          "can't detach views in-place; use detach(), or detach the tensor it was taken from.");
    }
    keepGradOf(null, 0);
    retainsGrad = false;
    leafRequiresGrad = false;
    gradFn = null;
    outputNr = 0;
    return this;
  }

  /** Which tensor it is a view of; null if of none. */
  final @Nullable View view() {
    View v = view;
    return v != null && v.base().storage == storage ? v : null; // setData ends it
  }

  final int writesBefore() {
    return storage.writesBefore();
  }

  /** How often a recorded write gave it a new history. */
  final int rewrites() {
    return rewrites;
  }

  /** Values and history of this tensor as they are, whatever is written into it later. */
  final Tensor before() {
    Tensor before = wrap(storage.buffer(), shape);
    before.trace = trace;
    return gradFn == null ? before : before.withHistory(gradFn, outputNr);
  }

  /** Takes values and place in the graph of {@code result}, for a write that is recorded. */
  final Tensor rewritten(Tensor result) {
    Node node = result.gradFn;
    if (node == null || !result.shape.equals(shape) || result.dtype() != dtype()) {
      throw new IllegalStateException("a write was not recorded as what it writes: " + result);
    }
    storage.takeOver(result.storage);
    trace = result.trace;
    return rewrittenBy(node, result.outputNr);
  }

  /** A new history for values that were written in place; a retained gradient is that of these. */
  final Tensor rewrittenBy(Node node, int output) {
    keepGradOf(node, output);
    rewrites++;
    return withHistory(node, output);
  }

  private void keepGradOf(@Nullable Node node, int output) {
    Node before = gradFn;
    if (retainsGrad && before != null) {
      before.hooks(outputNr).retain(null);
      if (node != null) {
        node.hooks(output).retain(this::accumulateGrad);
      }
    }
  }

  final Tensor aliasWithHistory() {
    Tensor alias = new Tensor(storage, shape);
    alias.gradFn = gradFn;
    alias.outputNr = outputNr;
    return alias;
  }

  /** How it was computed; null unless {@link Trace#watch} was open. */
  final @Nullable Trace trace() {
    return trace;
  }

  final void setTrace(Trace value) {
    trace = value;
  }

  final Tensor withHistory(Node node) {
    return withHistory(node, 0);
  }

  final Tensor withHistory(Node node, int output) {
    gradFn = node;
    outputNr = output;
    return this;
  }

  /** Where a gradient for this tensor goes; null if none is wanted. */
  final @Nullable Edge gradEdge() {
    View v = view();
    if (v != null) {
      v.checkCurrent();
    }
    Node node = gradFn;
    if (node != null) {
      return new Edge(node, outputNr);
    }
    return leafRequiresGrad ? new Edge(accumulator(), 0) : null;
  }

  private synchronized AccumulateGrad accumulator() {
    if (accumulator == null) {
      accumulator = new AccumulateGrad(this);
    }
    return accumulator;
  }

  /**
   * Adds a gradient; called with the leaf's node locked, so that concurrent passes lose nothing.
   */
  final void accumulateGrad(Tensor g) {
    Tensor before = grad;
    boolean createGraph = GradMode.isEnabled(); // the gradient is itself differentiable
    if (before != null && !createGraph && !before.requiresGrad()) {
      before.add_(g);
      return;
    }
    Tensor sum;
    if (before != null) {
      sum = before.add(g);
    } else { // never aliases what the caller, another leaf or a saved tensor holds
      sum = createGraph ? g.copy() : g.detach().copy();
    }
    grad = TensorScope.living(sum, this);
  }

  // Backward

  /** Accumulates the gradient of this one-element tensor into the leaves it depends on. */
  public final void backward() {
    backward(null, Autograd.Options.DEFAULT);
  }

  /**
   * As {@link #backward()} for a tensor of any shape, given the gradient of something that depends
   * on it.
   */
  public final void backward(Tensor gradient) {
    backward(gradient, Autograd.Options.DEFAULT);
  }

  public final void backward(@Nullable Tensor gradient, Autograd.Options options) {
    Autograd.backward(List.of(this), Arrays.asList(gradient), options);
  }

  // Reading

  /** The only element, as a double. */
  public final double item() {
    if (numel() != 1) {
      throw new IllegalArgumentException(
          "item: expected a tensor of one element, got shape " + shape);
    }
    return toDoubleArray()[0];
  }

  /** A copy of the values in row-major order. */
  public final float[] toFloatArray() {
    float[] out = new float[Math.toIntExact(numel())];
    backend().download(buffer(), out);
    return out;
  }

  public final double[] toDoubleArray() {
    double[] out = new double[Math.toIntExact(numel())];
    backend().download(buffer(), out);
    return out;
  }

  public final long[] toLongArray() {
    long[] out = new long[Math.toIntExact(numel())];
    backend().download(buffer(), out);
    return out;
  }

  /** Shape, type and place in the graph, and the values if they are few. */
  @Override
  public String toString() {
    String values =
        numel() > 20
            ? ""
            : Arrays.stream(toDoubleArray())
                .mapToObj(v -> String.format(Locale.ROOT, "%.6g", v))
                .collect(Collectors.joining(", ", " {", "}"));
    String history =
        gradFn != null ? ", gradFn=" + gradFn : leafRequiresGrad ? ", requiresGrad" : "";
    return "Tensor" + shape + values + " (" + dtype() + history + ")";
  }
}
