// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/**
 * Executes one instruction on rows of operands: {@code %a}, {@code %b} and {@code %c} are read,
 * {@code %d} is the result; {@code %q} is a predicate and {@code %r4} an int to use on the way.
 */
final class InstructionProbe {
  private final PtxModule module;
  private final Type[] types;

  /**
   * Decodes it.
   *
   * @param types of d, a, b, c; of those that are not used any
   */
  InstructionProbe(String instruction, Type... types) {
    this.types = types;
    StringBuilder text =
        new StringBuilder(
            """
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry probe(.param .u64 slots)
            {
              .reg .b64 %rd<4>;
              .reg .b32 %r<6>;
              .reg .pred %q;
            """);
    String[] names = {"d", "a", "b", "c"};
    for (int k = 0; k < 4; k++) {
      text.append("  .reg ").append(suffix(k)).append(" %").append(names[k]).append(";\n");
    }
    text.append(
        """
          mov.u32 %r1, %tid.x;
          mov.u32 %r2, %ctaid.x;
          mad.lo.u32 %r3, %r2, 32, %r1;
          mul.wide.u32 %rd1, %r3, 32;
          ld.param.u64 %rd2, [slots];
          add.u64 %rd3, %rd2, %rd1;
        """);
    for (int k = 1; k < 4; k++) {
      text.append("  ld.global" + suffix(k) + " %" + names[k] + ", [%rd3+" + 8 * k + "];\n");
    }
    text.append("  " + instruction + "\n  st.global" + suffix(0) + " [%rd3], %d;\n  ret;\n}\n");
    module = PtxModule.parse(text.toString());
  }

  private String suffix(int k) {
    Type type = k < types.length ? types[k] : Type.B32;
    boolean half = type == Type.F16 || type == Type.BF16;
    return "." + (half ? "b16" : type.name().toLowerCase(Locale.ROOT));
  }

  /** The bits of the result for each row of the bits of up to three operands. */
  long[] run(long[][] rows) {
    DeviceMemory memory = new DeviceMemory();
    int blocks = (rows.length + 31) / 32;
    ByteBuffer slots = ByteBuffer.allocate(blocks * 32 * 32).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < rows[i].length; k++) {
        slots.putLong(32 * i + 8 * (k + 1), rows[i][k]);
      }
    }
    long address = memory.allocate(slots.capacity());
    memory.write(address, slots.duplicate());
    byte[] parameters = new Arguments().address(address).toBytes();
    module.launch("probe", Dim3.of(blocks), Dim3.of(32), 0, ByteBuffer.wrap(parameters), memory);
    memory.read(address, slots.duplicate());
    long[] results = new long[rows.length];
    for (int i = 0; i < rows.length; i++) {
      results[i] = slots.getLong(32 * i) & (-1L >>> (64 - types[0].bits()));
    }
    return results;
  }
}
