// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.ptx.DeviceFault.Kind;
import io.sparkgrad.gpu.ptx.DeviceMemory.Check;
import org.junit.jupiter.api.Test;

class DeviceFaultTest {
  private final Probes probes = new Probes("probes.ptx", Check.INITCHECK, Check.RACECHECK);

  private void faults(
      Kind kind, String message, String entry, int threads, int shared, Arguments arguments) {
    DeviceFault e =
        assertThrows(DeviceFault.class, () -> probes.launch(entry, 2, threads, shared, arguments));
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void anAccessBehindAnAllocationNamesAllThatHelps() {
    long x = probes.put(new float[100]);
    DeviceFault e =
        assertThrows(
            DeviceFault.class,
            () -> probes.launch("outOfBounds", 2, 64, 0, new Arguments().address(x).i32(0)));
    String expected =
        "outOfBounds: memcheck: invalid global write of 4 bytes at 0x%x (it is 0 bytes after the end"
            + " of the allocation of 400 bytes at 0x%x); thread (36,0,0) of block (1,0,0), PTX line ";
    String message = e.getMessage();
    assertTrue(message.startsWith(expected.formatted(x + 400, x)), message);
    assertTrue(message.contains(": st.global.u32 \t[%rd4], "), message);
  }

  @Test
  void anAccessBeforeAnAllocation() {
    long x = probes.put(new float[100]);
    Arguments arguments = new Arguments().address(x).i32(-1);
    faults(Kind.MEMCHECK, "thread (0,0,0) of block (0,0,0)", "outOfBounds", 64, 0, arguments);
  }

  @Test
  void anAccessToFreedMemory() {
    long x = probes.put(new float[200]);
    probes.memory().free(x);
    Arguments arguments = new Arguments().address(x).i32(0);
    faults(
        Kind.MEMCHECK,
        "0 bytes into the freed allocation of 800 bytes",
        "outOfBounds",
        64,
        0,
        arguments);
  }

  @Test
  void aMisalignedAccess() {
    Arguments arguments = new Arguments().address(probes.put(new float[100]));
    faults(Kind.MEMCHECK, "misaligned access of 4 bytes at", "misaligned", 32, 0, arguments);
  }

  @Test
  void anAccessBehindSharedMemory() {
    Arguments arguments = new Arguments().address(probes.put(new float[64])).i32(1);
    faults(
        Kind.MEMCHECK,
        "invalid shared write of 4 bytes at 256 of 256",
        "sharedOutOfBounds",
        64,
        256,
        arguments);
  }

  @Test
  void aReadOfWhatNobodyWrote() {
    long x = probes.memory().allocate(128);
    probes.memory().fill(x, (byte) 0, 64);
    long y = probes.memory().allocate(128);
    Arguments arguments = new Arguments().address(x).address(y);
    faults(
        Kind.INITCHECK,
        "reads 4 bytes that nothing wrote, 64 bytes into",
        "readsUnwritten",
        32,
        0,
        arguments);
    probes.memory().copy(x + 64, x, 64);
    probes.launch("readsUnwritten", 1, 32, 0, arguments);
    // What a kernel wrote may be read.
    probes.launch("readsUnwritten", 1, 32, 0, new Arguments().address(y).address(x));
  }

  @Test
  void aRaceForSharedMemory() {
    Arguments arguments = new Arguments().address(probes.put(new float[64]));
    faults(
        Kind.RACECHECK,
        "write of byte 128 of shared memory, which thread (31,0,0) read",
        "races",
        64,
        0,
        arguments);
    // Within one warp it is none.
    Probes single = new Probes("probes.ptx", Check.RACECHECK);
    long y = single.put(new float[64]);
    single.launch("races", 1, 32, 0, new Arguments().address(y));
  }

  @Test
  void lanesOfAWarpAtDifferentBarriers() {
    Arguments arguments = new Arguments().address(probes.put(new int[64])).i32(10);
    faults(
        Kind.SYNCCHECK,
        "threads wait for others that never come: 10 at PTX line",
        "divergedBarrier",
        32,
        0,
        arguments);
  }

  @Test
  void warpsAtDifferentBarriers() {
    Arguments arguments = new Arguments().address(probes.put(new int[64])).i32(32);
    faults(Kind.SYNCCHECK, ", 32 at PTX line", "divergedBarrier", 64, 0, arguments);
  }

  @Test
  void aLaneThatItsMaskLacks() {
    Arguments arguments = new Arguments().address(probes.put(new int[32]));
    faults(
        Kind.SYNCCHECK,
        "the mask 0xffff lacks this lane; thread (16,0,0)",
        "maskWithoutCaller",
        32,
        0,
        arguments);
  }

  @Test
  void traps() {
    Arguments arguments = new Arguments().address(probes.put(new int[64])).i32(40);
    faults(Kind.TRAP, "trap; thread (40,0,0) of block (0,0,0)", "trapped", 64, 0, arguments);
  }

  @Test
  void failedAssertions() {
    int[] y = new int[32];
    y[5] = 9;
    Arguments arguments = new Arguments().address(probes.put(y)).i32(9);
    faults(
        Kind.TRAP,
        "assertion failed: y[threadIdx.x] < k at probes.cu:",
        "asserted",
        32,
        0,
        arguments);
  }

  @Test
  void launchesThatNoDeviceTakes() {
    Arguments arguments = new Arguments().address(0).i32(0);
    assertThrows(
        IllegalArgumentException.class, () -> probes.launch("doubled", 1, 1025, 0, arguments));
    assertThrows(
        IllegalArgumentException.class, () -> probes.launch("doubled", 0, 32, 0, arguments));
    assertThrows(
        IllegalArgumentException.class, () -> probes.launch("doubled", 1, 32, 1 << 20, arguments));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> probes.launch("doubled", 1, 32, 0, new Arguments().address(0)));
    assertEquals("doubled: expected 12 bytes of parameters, got 8", e.getMessage());
  }
}
