// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

/** The value of a literal in the type that an instruction wants. */
final class Literals {
  private Literals() {}

  /** The bits of {@code literal} as a {@code type}; those above its width are zero. */
  static long bits(Operand.Literal literal, Type type) {
    return switch (type) {
      case F32 -> Integer.toUnsignedLong(Float.floatToRawIntBits(asFloat(literal)));
      case F64 -> Double.doubleToRawLongBits(asDouble(literal));
      default -> type.bytes == 8 ? literal.bits() : literal.bits() & ((1L << type.bits()) - 1);
    };
  }

  private static float asFloat(Operand.Literal literal) {
    return switch (literal.kind()) {
      case INTEGER -> (float) literal.bits();
      case FLOAT -> Float.intBitsToFloat((int) literal.bits());
      case DOUBLE -> (float) Double.longBitsToDouble(literal.bits());
    };
  }

  private static double asDouble(Operand.Literal literal) {
    return switch (literal.kind()) {
      case INTEGER -> (double) literal.bits();
      case FLOAT -> Float.intBitsToFloat((int) literal.bits());
      case DOUBLE -> Double.longBitsToDouble(literal.bits());
    };
  }
}
