// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

/**
 * Everything about a cross entropy with class numbers but its numbers. Logits are {@code [rows,
 * columns]}, targets and losses {@code [rows]}, weights of classes {@code [columns]}.
 *
 * @param labelSmoothing which part of each target is spread over all classes, between 0 and 1
 */
public record CrossEntropyGeometry(int rows, int columns, double labelSmoothing) {
  /** What is left for the target. */
  public double onTarget() {
    return 1 - labelSmoothing;
  }

  /** What every class gets, the target too. */
  public double onEach() {
    return labelSmoothing / columns;
  }
}
