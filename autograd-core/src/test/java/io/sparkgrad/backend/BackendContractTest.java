// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.sparkgrad.shape.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every backend has to do. A backend's test extends this and gives an opened backend; where
 * its device is missing it skips with a reason.
 */
public abstract class BackendContractTest
    implements MemoryContract,
        ElementwiseContract,
        ReductionContract,
        SoftmaxContract,
        CrossEntropyContract,
        MatrixContract,
        ConvolutionContract,
        PoolingContract,
        NormalizationContract,
        LayerNormContract,
        OptimizerContract {

  /** The backend under test. */
  @Override
  public abstract Backend backend();

  @Test
  void offersAFloatingPointType() {
    assertFalse(types().isEmpty());
    assertFalse(backend().supports(DType.INT64));
    assertFalse(backend().name().isBlank());
  }

  @Test
  void severalThreadsAtOnce() {
    double[] expected = chain();
    List<double[]> results = IntStream.range(0, 64).parallel().mapToObj(i -> chain()).toList();
    results.forEach(r -> assertArrayEquals(expected, r));
  }

  private double[] chain() {
    DType dtype = types().get(0);
    Buffer x = buffer(dtype, random(1, 24 * 24));
    Buffer y = dirty(dtype, 24 * 24);
    backend().matmul(new MatmulGeometry(1, 24, 24, 24, false, true, false, false), x, x, y);
    backend().unary(UnaryKernel.TANH, 0, y, y);
    Buffer sums = dirty(dtype, 24);
    backend().reduce(ReduceKernel.SUM, y, Shape.of(24, 24), new boolean[] {true, false}, sums);
    return read(sums);
  }
}
