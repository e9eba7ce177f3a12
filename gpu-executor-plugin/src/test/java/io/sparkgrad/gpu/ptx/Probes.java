// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.gpu.ptx;

import io.sparkgrad.gpu.cuda.driver.Arguments;
import io.sparkgrad.gpu.cuda.driver.KernelLaunch.Dim3;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The kernels of a {@code .ptx} file of the test resources, and a device memory to run them in. */
public final class Probes {
  private final PtxModule module;
  private final DeviceMemory memory;

  Probes(String file, DeviceMemory.Check... checks) {
    module = PtxModule.parse(text(file));
    memory = new DeviceMemory(checks);
  }

  /** The text of a file beside this class. */
  public static String text(String file) {
    try (InputStream in = Probes.class.getResourceAsStream(file)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  DeviceMemory memory() {
    return memory;
  }

  void launch(String entry, int blocks, int threads, int sharedBytes, Arguments arguments) {
    launch(entry, Dim3.of(blocks), Dim3.of(threads), sharedBytes, arguments);
  }

  void launch(String entry, Dim3 grid, Dim3 block, int sharedBytes, Arguments arguments) {
    module.launch(entry, grid, block, sharedBytes, ByteBuffer.wrap(arguments.toBytes()), memory);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  long put(ByteBuffer values) {
    long address = memory.allocate(values.remaining());
    memory.write(address, values);
    return address;
  }

  long put(int... values) {
    ByteBuffer bytes = buffer(4 * values.length);
    bytes.asIntBuffer().put(values);
    return put(bytes);
  }

  long put(float... values) {
    ByteBuffer bytes = buffer(4 * values.length);
    bytes.asFloatBuffer().put(values);
    return put(bytes);
  }

  long put(double... values) {
    ByteBuffer bytes = buffer(8 * values.length);
    bytes.asDoubleBuffer().put(values);
    return put(bytes);
  }

  ByteBuffer get(long address, int bytes) {
    ByteBuffer to = buffer(bytes);
    memory.read(address, to);
    return to.flip();
  }

  int[] ints(long address, int count) {
    int[] values = new int[count];
    get(address, 4 * count).asIntBuffer().get(values);
    return values;
  }

  float[] floats(long address, int count) {
    float[] values = new float[count];
    get(address, 4 * count).asFloatBuffer().get(values);
    return values;
  }

  double[] doubles(long address, int count) {
    double[] values = new double[count];
    get(address, 8 * count).asDoubleBuffer().get(values);
    return values;
  }
}
