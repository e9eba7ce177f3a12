// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PtxModuleTest {
  private static final String DOUBLES =
      """
      .version 7.0
      .target sm_75
      .address_size 64
      .visible .entry doubled(.param .u64 x, .param .u32 n)
      {
        .reg .pred %p<2>;
        .reg .f32 %f<3>;
        .reg .b32 %r<6>;
        .reg .b64 %rd<5>;
        ld.param.u64 %rd1, [x];
        ld.param.u32 %r1, [n];
        mov.u32 %r2, %ctaid.x;
        mov.u32 %r3, %ntid.x;
        mov.u32 %r4, %tid.x;
        mad.lo.s32 %r5, %r2, %r3, %r4;
        setp.ge.s32 %p1, %r5, %r1;
        @%p1 bra DONE;
        cvta.to.global.u64 %rd2, %rd1;
        mul.wide.s32 %rd3, %r5, 4;
        add.s64 %rd4, %rd2, %rd3;
        ld.global.f32 %f1, [%rd4];
        add.f32 %f2, %f1, %f1;
        st.global.f32 [%rd4], %f2;
      DONE:
        ret;
      }
      """;

  @Test
  void runsOverAllThreadsOfAllBlocks() {
    PtxModule module = PtxModule.parse(DOUBLES);
    DeviceMemory memory = new DeviceMemory();
    ByteBuffer values = ByteBuffer.allocate(4 * 100).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 100; i++) {
      values.putFloat(4 * i, i);
    }
    long x = memory.allocate(values.capacity());
    memory.write(x, values.duplicate());
    ByteBuffer parameters = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    parameters.putLong(x).putInt(100).flip();
    module.launch("doubled", new Dim3(4, 1, 1), new Dim3(32, 1, 1), 0, parameters, memory);
    memory.read(x, values.duplicate());
    for (int i = 0; i < 100; i++) {
      assertEquals(2f * i, values.getFloat(4 * i));
    }
    assertEquals(Set.of("doubled"), module.entries());
  }

  @Test
  void anUnknownInstructionIsNamedWithItsLine() {
    String text = DOUBLES.replace("add.f32", "frobnicate.f32");
    PtxSyntaxException e = assertThrows(PtxSyntaxException.class, () -> PtxModule.parse(text));
    assertEquals(
        "PTX line 22: frobnicate.f32: the emulator has no such instruction", e.getMessage());
  }
}
