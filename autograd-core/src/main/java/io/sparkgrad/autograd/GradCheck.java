// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.autograd;

import io.sparkgrad.backend.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Compares the gradients of backward formulas with differences of the function itself: {@code
 * torch.autograd.gradcheck} and {@code gradgradcheck}. For operations and modules of one's own; use
 * FLOAT64 inputs, since differences of FLOAT32 values say little.
 *
 * <p>The function is called several times for each element of the inputs, which are changed in
 * place between the calls and hold their values again at the end; it may use them through its
 * argument or directly, as a module does its parameters. No gradient is accumulated. The inputs
 * must not be used by other threads meanwhile.
 *
 * <p>Tensors here are dense, so PyTorch's refusal of overlapping memory has nothing to refuse, and
 * no formula is called without a gradient, so there is no undefined gradient to try.
 */
public final class GradCheck {
  private static final System.Logger LOG = System.getLogger(GradCheck.class.getName());

  private GradCheck() {}

  /**
   * What counts as equal: {@code |analytical − numerical| ≤ atol + rtol·|numerical|}.
   *
   * @param eps half the distance of the two points of a difference
   * @param nondetTol how far the results of two equal backward passes may lie apart
   * @param raise whether a wrong gradient throws, or returns false
   */
  public record Options(double eps, double atol, double rtol, double nondetTol, boolean raise) {
    public static final Options DEFAULT = new Options(1e-6, 1e-5, 1e-3, 0, true);

    public Options withEps(double value) {
      return new Options(value, atol, rtol, nondetTol, raise);
    }

    public Options withAtol(double value) {
      return new Options(eps, value, rtol, nondetTol, raise);
    }

    public Options withRtol(double value) {
      return new Options(eps, atol, value, nondetTol, raise);
    }

    public Options withNondetTol(double value) {
      return new Options(eps, atol, rtol, value, raise);
    }

    public Options withRaise(boolean value) {
      return new Options(eps, atol, rtol, nondetTol, value);
    }
  }

  /** {@link #gradcheck(Function, List, Options)} of a function of one tensor, with the defaults. */
  public static boolean gradcheck(UnaryOperator<Tensor> function, Tensor input) {
    return gradcheck(lifted(function), List.of(input), Options.DEFAULT);
  }

  public static boolean gradcheck(
      Function<List<Tensor>, List<Tensor>> function, List<Tensor> inputs) {
    return gradcheck(function, inputs, Options.DEFAULT);
  }

  /**
   * Checks the first derivatives of all outputs for all inputs that require a gradient.
   *
   * @return whether they agree
   * @throws GradCheckException if they do not and {@code options.raise()}
   * @throws IllegalArgumentException if no input requires a gradient
   */
  public static boolean gradcheck(
      Function<List<Tensor>, List<Tensor>> function, List<Tensor> inputs, Options options) {
    requireCheckable(inputs);
    try {
      new JacobianCheck(function, inputs, options).run();
      return true;
    } catch (GradCheckException e) {
      if (options.raise()) {
        throw e;
      }
      return false;
    }
  }

  /** As {@link #gradcheck(UnaryOperator, Tensor)} for the second derivatives. */
  public static boolean gradgradcheck(UnaryOperator<Tensor> function, Tensor input) {
    return gradgradcheck(lifted(function), List.of(input), Options.DEFAULT);
  }

  public static boolean gradgradcheck(
      Function<List<Tensor>, List<Tensor>> function, List<Tensor> inputs) {
    return gradgradcheck(function, inputs, Options.DEFAULT);
  }

  /**
   * Checks the second derivatives: the first-order gradients, as a function of the inputs and of
   * random gradients for the outputs, go through {@link #gradcheck(Function, List, Options)}.
   */
  public static boolean gradgradcheck(
      Function<List<Tensor>, List<Tensor>> function, List<Tensor> inputs, Options options) {
    requireCheckable(inputs);
    List<Tensor> gradOutputs = randomLike(differentiable(function.apply(inputs)));
    List<Tensor> wanted = differentiable(inputs);
    List<Tensor> all = new ArrayList<>(inputs);
    all.addAll(gradOutputs);
    Function<List<Tensor>, List<Tensor>> gradients =
        arguments -> {
          List<Tensor> outputs =
              differentiable(function.apply(arguments.subList(0, inputs.size())));
          List<Tensor> seeds = arguments.subList(inputs.size(), arguments.size());
          return Autograd.grad(
                  outputs,
                  wanted,
                  seeds,
                  Autograd.Options.DEFAULT.withCreateGraph(true).withAllowUnused(true))
              .stream()
              .<Tensor>mapMulti(
                  (g, keep) -> {
                    if (g != null) {
                      keep.accept(g);
                    }
                  })
              .toList();
        };
    return gradcheck(gradients, all, options);
  }

  private static Function<List<Tensor>, List<Tensor>> lifted(UnaryOperator<Tensor> function) {
    return inputs -> List.of(function.apply(inputs.get(0)));
  }

  private static void requireCheckable(List<Tensor> inputs) {
    if (differentiable(inputs).isEmpty()) {
      throw new IllegalArgumentException(
          "gradcheck expects at least one input tensor to require gradient, got "
              + Arrays.toString(inputs.stream().map(Tensor::shape).toArray())
              + " without; call requiresGrad_() on what is to be checked.");
    }
    for (int i = 0; i < inputs.size(); i++) {
      Tensor t = inputs.get(i);
      if (t.requiresGrad() && t.dtype() != DType.FLOAT64) {
        LOG.log(
            System.Logger.Level.WARNING,
            "gradcheck: input {0} is {1}; the check will likely fail for lack of precision, use FLOAT64.",
            i,
            t.dtype());
      }
    }
  }

  static List<Tensor> differentiable(List<Tensor> tensors) {
    return tensors.stream().filter(Tensor::requiresGrad).toList();
  }

  private static List<Tensor> randomLike(List<Tensor> tensors) {
    Generator generator = new Generator(0);
    List<Tensor> result = new ArrayList<>();
    for (Tensor t : tensors) {
      double[] values = new double[Math.toIntExact(t.numel())];
      Arrays.setAll(values, i -> generator.nextGaussian());
      Tensor random = Tensor.zerosLike(t);
      random.backend().upload(values, random.buffer());
      result.add(random.requiresGrad_());
    }
    return result;
  }

  /** The gradient as numbers; no gradient is one of zeros. */
  static double[] values(@Nullable Tensor gradient, Tensor input) {
    return gradient == null ? new double[Math.toIntExact(input.numel())] : gradient.toDoubleArray();
  }
}
