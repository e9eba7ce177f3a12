// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PTX text cut into words, numbers, strings and punctuation. */
final class Tokens {
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<skip>\\s+|//[^\\n]*|/\\*.*?\\*/)"
              + "|(?<token>[.%$_A-Za-z][\\w.$%]*|\\d[\\w.]*|\"[^\"]*\"|[{}()\\[\\],;:|@!<>=+-])",
          Pattern.DOTALL);

  private final List<String> texts = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();
  private int next;

  Tokens(String text) {
    Matcher matcher = TOKEN.matcher(text);
    int at = 0;
    int line = 1;
    while (at < text.length()) {
      if (!matcher.find(at) || matcher.start() != at) {
        throw new PtxSyntaxException(line, "unexpected '" + text.charAt(at) + "'");
      }
      String token = matcher.group("token");
      if (token != null) {
        texts.add(token);
        lines.add(line);
      }
      line += (int) text.substring(at, matcher.end()).chars().filter(c -> c == '\n').count();
      at = matcher.end();
    }
  }

  boolean atEnd() {
    return next == texts.size();
  }

  int line() {
    return lines.isEmpty() ? 1 : lines.get(Math.min(next, lines.size() - 1));
  }

  /** The token {@code ahead} of the next one, empty behind the last. */
  String peek(int ahead) {
    return next + ahead < texts.size() ? texts.get(next + ahead) : "";
  }

  String peek() {
    return peek(0);
  }

  String take() {
    if (atEnd()) {
      throw error("the text ends too early");
    }
    return texts.get(next++);
  }

  boolean accept(String token) {
    boolean is = peek().equals(token);
    if (is) {
      next++;
    }
    return is;
  }

  void expect(String token) {
    if (!accept(token)) {
      throw error("expected '" + token + "', got '" + peek() + "'");
    }
  }

  /** Passes over what is left of the line of the last token taken. */
  void skipLine() {
    int line = lines.get(next - 1);
    while (!atEnd() && lines.get(next) == line) {
      next++;
    }
  }

  PtxSyntaxException error(String what) {
    return new PtxSyntaxException(line(), what);
  }
}
