// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.List;

/** Reads operands of instructions. */
final class OperandParser {
  private final Tokens tokens;

  OperandParser(Tokens tokens) {
    this.tokens = tokens;
  }

  Operand operand() {
    Operand first = single();
    return tokens.accept("|") ? new Operand.Pair(first, single()) : first;
  }

  private Operand single() {
    if (tokens.accept("{")) {
      return new Operand.Vector(list("}"));
    }
    if (tokens.accept("(")) {
      return new Operand.Arguments(list(")"));
    }
    if (tokens.accept("[")) {
      return address();
    }
    if (tokens.accept("!")) {
      return new Operand.Not(new Operand.Name(tokens.take()));
    }
    if (tokens.accept("-")) {
      return negated(literal(tokens.take()));
    }
    String token = tokens.take();
    return Character.isDigit(token.charAt(0)) ? literal(token) : new Operand.Name(token);
  }

  private List<Operand> list(String end) {
    List<Operand> elements = new ArrayList<>();
    while (!tokens.accept(end)) {
      elements.add(operand());
      tokens.accept(",");
    }
    return elements;
  }

  private Operand.Address address() {
    Operand base = single();
    long offset = 0;
    while (!tokens.accept("]")) {
      boolean minus = !tokens.accept("+");
      if (minus || tokens.peek().equals("-")) {
        tokens.expect("-");
        minus = true;
      }
      long step = literal(tokens.take()).bits();
      offset += minus ? -step : step;
    }
    return new Operand.Address(base, offset);
  }

  private static Operand.Literal negated(Operand.Literal literal) {
    return switch (literal.kind()) {
      case INTEGER -> new Operand.Literal(-literal.bits(), literal.kind());
      case FLOAT -> new Operand.Literal(literal.bits() ^ 1L << 31, literal.kind());
      case DOUBLE -> new Operand.Literal(literal.bits() ^ 1L << 63, literal.kind());
    };
  }

  /** Decimal, {@code 0x}, {@code 0b} and octal integers, {@code 0f}, {@code 0d} and decimals. */
  private Operand.Literal literal(String token) {
    try {
      return parse(token);
    } catch (NumberFormatException e) {
      throw tokens.error("'" + token + "' is no number");
    }
  }

  private static Operand.Literal parse(String token) {
    if (token.startsWith("0f") || token.startsWith("0F")) {
      return new Operand.Literal(hexadecimal(token), Operand.Literal.Kind.FLOAT);
    }
    if (token.startsWith("0d") || token.startsWith("0D")) {
      return new Operand.Literal(hexadecimal(token), Operand.Literal.Kind.DOUBLE);
    }
    if (token.contains(".")) {
      long bits = Double.doubleToRawLongBits(Double.parseDouble(token));
      return new Operand.Literal(bits, Operand.Literal.Kind.DOUBLE);
    }
    String digits = token.endsWith("U") ? token.substring(0, token.length() - 1) : token;
    long value;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      value = hexadecimal(digits);
    } else if (digits.startsWith("0b") || digits.startsWith("0B")) {
      value = Long.parseUnsignedLong(digits.substring(2), 2);
    } else {
      boolean octal = digits.length() > 1 && digits.charAt(0) == '0';
      value = Long.parseUnsignedLong(digits, octal ? 8 : 10);
    }
    return new Operand.Literal(value, Operand.Literal.Kind.INTEGER);
  }

  private static long hexadecimal(String token) {
    return Long.parseUnsignedLong(token.substring(2), 16);
  }
}
