// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How exactly FLOAT32 matrix products and convolutions multiply, for the calling thread: what a
 * backend may round their operands to where it has faster units for that, as PyTorch's {@code
 * set_float32_matmul_precision}. Sums are FLOAT32 whatever it is, and backends without such units
 * take no notice. Threads that say nothing have the system property {@code sparkgrad.precision},
 * and without it {@link #FP32}.
 *
 * <pre>{@code
 * try (var precision = MatmulPrecision.set(MatmulPrecision.TF32)) {
 *   trainOneEpoch();
 * }
 * }</pre>
 */
public enum MatmulPrecision {
  /** Not at all. */
  FP32,
  /** 10 bits of mantissa, the exponents of FLOAT32. */
  TF32,
  /** 7 bits of mantissa, the exponents of FLOAT32. */
  BF16;

  static final String PROPERTY = "sparkgrad.precision";

  private static final ThreadSetting<MatmulPrecision> CURRENT =
      new ThreadSetting<>(() -> Default.PRECISION);

  /** Read on first use. */
  private static final class Default {
    private static final MatmulPrecision PRECISION = ofProperty(System.getProperty(PROPERTY));
  }

  static MatmulPrecision ofProperty(@Nullable String property) {
    try {
      return property == null ? FP32 : parse(property);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "system property %s: %s".formatted(PROPERTY, e.getMessage()), e);
    }
  }

  /**
   * What users write: {@code fp32}, {@code tf32} or {@code bf16}.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static MatmulPrecision parse(String name) {
    return Arrays.stream(values())
        .filter(p -> p.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "precision: expected fp32, tf32 or bf16, got '%s'; fp32 is exact, the others are faster."
                        .formatted(name)));
  }

  /** Sets it for the calling thread, until the scope is closed or for good. */
  public static ThreadSetting.Scope set(MatmulPrecision precision) {
    return CURRENT.set(precision);
  }

  /** The calling thread's. */
  public static MatmulPrecision get() {
    return CURRENT.get();
  }

  /** What {@link #parse} takes. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
