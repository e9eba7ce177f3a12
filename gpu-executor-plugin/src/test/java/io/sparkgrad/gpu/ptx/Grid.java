// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;

/** Numbers the places of a grid or block, x running fastest. */
final class Grid {
  private Grid() {}

  static long count(Dim3 extents) {
    return (long) extents.x() * extents.y() * extents.z();
  }

  static Dim3 place(Dim3 extents, long number) {
    long row = number / extents.x();
    return new Dim3(
        (int) (number % extents.x()), (int) (row % extents.y()), (int) (row / extents.y()));
  }

  static String text(Dim3 place) {
    return "(%d,%d,%d)".formatted(place.x(), place.y(), place.z());
  }
}
