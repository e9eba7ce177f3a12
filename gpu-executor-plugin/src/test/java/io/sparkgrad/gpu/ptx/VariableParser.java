// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads declarations of variables and registers. */
final class VariableParser {
  private static final Set<String> PASSED_OVER =
      Set.of(".ptr", ".managed", ".visible", ".extern", ".weak", ".unified");

  private final Tokens tokens;

  VariableParser(Tokens tokens) {
    this.tokens = tokens;
  }

  /** One variable, up to the token after it. */
  Variable declaration() {
    Attributes attributes = new Attributes();
    return variable(attributes, tokens.take());
  }

  /** A list of variables that share their attributes, up to and with the semicolon. */
  List<Variable> declarations() {
    Attributes attributes = new Attributes();
    List<Variable> variables = new ArrayList<>();
    do {
      variables.add(variable(attributes, tokens.take()));
    } while (tokens.accept(","));
    tokens.expect(";");
    return variables;
  }

  /** Space, alignment and type: what stands before a name. */
  private final class Attributes {
    private Variable.Space space = Variable.Space.PARAM;
    private Type type = Type.B8;
    private int align;
    private int lanes = 1;

    Attributes() {
      boolean spaceNamed = false;
      while (tokens.peek().startsWith(".")) {
        String token = tokens.take();
        String word = token.substring(1);
        if (token.equals(".align")) {
          align = Integer.parseInt(tokens.take());
        } else if (token.equals(".v2") || token.equals(".v4")) {
          lanes = token.charAt(2) - '0';
        } else if (Type.named(word).isPresent()) {
          type = Type.named(word).get();
        } else if (isSpace(word)) {
          // A second one, after .ptr, tells where a parameter points.
          space = spaceNamed ? space : Variable.Space.valueOf(word.toUpperCase(Locale.ROOT));
          spaceNamed = true;
        } else if (!PASSED_OVER.contains(token)) {
          throw tokens.error("unknown directive " + token);
        }
      }
      if (align == 0) {
        align = Math.max(1, type.bytes * lanes);
      }
    }
  }

  private static boolean isSpace(String word) {
    return Set.of("reg", "param", "local", "shared", "global", "const").contains(word);
  }

  private Variable variable(Attributes of, String name) {
    int count = of.lanes;
    boolean indexed = tokens.accept("<");
    if (indexed) {
      count = Integer.parseInt(tokens.take());
      tokens.expect(">");
    }
    while (tokens.accept("[")) {
      count *= tokens.peek().equals("]") ? 0 : Integer.decode(tokens.take());
      tokens.expect("]");
    }
    Map<Integer, String> references = new HashMap<>();
    byte[] initial = new byte[0];
    if (tokens.accept("=")) {
      initial = initializer(of.type, count * of.type.bytes, references);
    }
    return new Variable(name, of.space, of.type, of.align, count, indexed, initial, references);
  }

  private byte[] initializer(Type type, int bytes, Map<Integer, String> references) {
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int depth = 0;
    do {
      String token = tokens.peek();
      if (tokens.accept("{")) {
        depth++;
      } else if (tokens.accept("}")) {
        depth--;
      } else if (tokens.accept("generic")) {
        tokens.expect("(");
        reference(out, references);
        tokens.expect(")");
      } else if (!tokens.accept(",")) {
        if (Character.isDigit(token.charAt(0)) || token.equals("-")) {
          put(out, type, (Operand.Literal) new OperandParser(tokens).operand());
        } else {
          reference(out, references);
        }
      }
    } while (depth > 0);
    return out.array();
  }

  private void reference(ByteBuffer out, Map<Integer, String> references) {
    references.put(out.position(), tokens.take());
    out.putLong(0);
  }

  private static void put(ByteBuffer out, Type type, Operand.Literal literal) {
    long bits = Literals.bits(literal, type);
    switch (type.bytes) {
      case 1 -> out.put((byte) bits);
      case 2 -> out.putShort((short) bits);
      case 4 -> out.putInt((int) bits);
      default -> out.putLong(bits);
    }
  }
}
