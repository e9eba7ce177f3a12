// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.Backend;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.BufferScope;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.DefaultBackend;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;

/**
 * A dense, row-major array of numbers on one backend, and its place in the graph. Behaves as {@code
 * torch.Tensor}: a leaf made by the user may require a gradient; the result of an operation
 * requires one if recording is on and an input does. Reshaped and detached tensors share storage
 * with their source, all other results are new.
 *
 * <p>This class makes tensors and knows what they are made of; each that it extends is one part:
 * {@link TensorHistory} the place in the graph, {@link TensorGradients} the gradient, {@link
 * TensorOperations} and its parts what can be computed, {@link TensorValues} the elements. The
 * factories stand here because Scala does not find static methods by the name of a subclass.
 */
public non-sealed class Tensor extends TensorHistory {
  private Storage storage;
  private final Shape shape;

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

  /** FLOAT32 zeros on this thread's {@link DefaultBackend}, as of all factories that name none. */
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

  /** FLOAT32 samples, uniform in {@code [0, 1)}. */
  public static Tensor rand(Generator generator, long... shape) {
    return zeros(shape).uniform_(0, 1, generator);
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
    return DefaultBackend.get();
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
    if (isInferenceView() && modes.records()) {
      throw new AutogradException(
          op
              + ": a view was created in inference mode and is being modified in place outside it; take the view outside.");
    }
  }

  /** For operations in place: notes that the storage was written. */
  public final Tensor written() {
    bumpVersion();
    return this;
  }

  // Storage

  /**
   * Takes over the storage of {@code data}, of this shape, and stays the same object. A change of
   * type or device drops the gradient and the hooks of this leaf.
   */
  public final void setData(Tensor data) {
    if (!isLeaf() || !data.shape.equals(shape)) {
      throw new AutogradException(
          "setData: expected a leaf and data of its shape %s, got data of shape %s%s"
              .formatted(shape, data.shape, isLeaf() ? "" : " for a tensor with history"));
    }
    if (requiresGrad() && !data.dtype().isFloatingPoint()) {
      throw new AutogradException(
          "setData: expected data of floating point dtype for a tensor that requires grad, got "
              + data.dtype());
    }
    if (data.dtype() != dtype() || data.backend() != backend()) {
      setGrad(null);
      dropAccumulator();
    }
    TensorScope.living(data, this);
    storage = data.storage;
  }

  /** Shares storage and version with this tensor, but has no history and requires no gradient. */
  public final Tensor detach() {
    Tensor alias = sharing(shape);
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
    return new Tensor(storage, other);
  }

  /** As {@link #sharing}, and a view of this tensor. */
  public final Tensor viewedAs(Shape other) {
    Tensor view = sharing(other);
    view.setView(View.of(this));
    return view;
  }

  final Storage storage() {
    return storage;
  }

  final int writesBefore() {
    return storage.writesBefore();
  }

  final boolean sharesStorage(Tensor other) {
    return storage == other.storage;
  }

  /** Takes the values of a result that was just computed, and so do all that share the storage. */
  final void takeOver(Tensor result) {
    storage.takeOver(result.storage);
  }
}
