// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The call that {@code assert} of CUDA C++ ends in. */
final class Assertions {
  private Assertions() {}

  /** Parameters: the addresses of the expression and of the file, the line, the function. */
  static void failure(Assembler a, Statement s, List<Operand> arguments) {
    Access expression = parameter(a, s, arguments.get(0));
    Access file = parameter(a, s, arguments.get(1));
    Access line = parameter(a, s, arguments.get(2));
    a.emit(
        s,
        (w, lanes) -> {
          int lane = Integer.numberOfTrailingZeros(lanes);
          String message =
              "assertion failed: %s at %s:%d"
                  .formatted(
                      text(w, address(w, lane, expression)),
                      text(w, address(w, lane, file)),
                      number(w, lane, line));
          throw w.fault(DeviceFault.Kind.TRAP, lane, message);
        });
  }

  private static Access parameter(Assembler a, Statement s, Operand operand) {
    return Access.of(a, s, new Operand.Address(operand, 0), Variable.Space.LOCAL);
  }

  private static long address(Warp w, int lane, Access parameter) {
    parameter.locate(w, lane, 8, Access.Use.READ);
    return Bytes.getLong(w.in[lane], w.at[lane]);
  }

  private static int number(Warp w, int lane, Access parameter) {
    parameter.locate(w, lane, 4, Access.Use.READ);
    return Bytes.getInt(w.in[lane], w.at[lane]);
  }

  private static String text(Warp w, long address) {
    Allocation allocation = w.block.launch.memory().find(address, 1);
    int start = (int) (address - allocation.base);
    int end = start;
    while (end < allocation.size && allocation.bytes[end] != 0) {
      end++;
    }
    return new String(allocation.bytes, start, end - start, StandardCharsets.UTF_8);
  }
}
