// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.bench;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a candidate's process answers, a line each. A line starts with {@code @} and the kind, so
 * that whatever a native library prints in between is passed over.
 */
sealed interface Reply {
  /** Done; says what, in a few words. */
  record Done(String text) implements Reply {
    @Override
    public String toLine() {
      return line("@done", text);
    }
  }

  /** Times of steps. */
  record Measured(Timings timings) implements Reply {
    @Override
    public String toLine() {
      return Arrays.stream(timings.nanos())
          .mapToObj(String::valueOf)
          .collect(Collectors.joining(" ", "@times ", ""));
    }
  }

  /** Where the time of a step goes. */
  record Profiled(Profile profile) implements Reply {
    @Override
    public String toLine() {
      return profile.shares().stream()
          .map(s -> s.operation() + "=" + s.part())
          .collect(Collectors.joining(" ", "@profile ", ""));
    }

    static Profiled parse(String shares) {
      return new Profiled(
          new Profile(Arrays.stream(shares.split(" ")).map(Profiled::share).toList()));
    }

    private static Profile.Share share(String text) {
      int equals = text.lastIndexOf('=');
      return new Profile.Share(
          text.substring(0, equals), Double.parseDouble(text.substring(equals + 1)));
    }
  }

  /** The candidate cannot do this workload. */
  record Unsupported(String reason) implements Reply {
    @Override
    public String toLine() {
      return line("@unsupported", reason);
    }
  }

  /** It should have worked and did not. */
  record Failed(String message) implements Reply {
    @Override
    public String toLine() {
      return line("@failed", message);
    }
  }

  String toLine();

  static boolean isReply(String line) {
    return line.startsWith("@");
  }

  /**
   * The reverse of {@link #toLine()}.
   *
   * @throws IllegalArgumentException if the line is no reply
   */
  static Reply parse(String line) {
    int space = line.indexOf(' ');
    String kind = space < 0 ? line : line.substring(0, space);
    String rest = space < 0 ? "" : line.substring(space + 1);
    return switch (kind) {
      case "@done" -> new Done(rest);
      case "@times" ->
          new Measured(
              new Timings(Arrays.stream(rest.split(" ")).mapToLong(Long::parseLong).toArray()));
      case "@profile" -> Profiled.parse(rest);
      case "@unsupported" -> new Unsupported(rest);
      case "@failed" -> new Failed(rest);
      default ->
          throw new IllegalArgumentException(
              "reply: expected @done, @times, @profile, @unsupported or @failed, got '"
                  + line
                  + "'");
    };
  }

  private static String line(String kind, String text) {
    return kind + " " + text.replaceAll("\\s+", " ");
  }
}
