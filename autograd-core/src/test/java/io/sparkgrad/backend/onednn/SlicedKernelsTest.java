// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.backend.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Generator;
import io.sparkgrad.backend.Buffer;
import io.sparkgrad.backend.Conv2dGeometry;
import io.sparkgrad.backend.CpuThreads;
import io.sparkgrad.backend.DType;
import io.sparkgrad.backend.MatmulGeometry;
import io.sparkgrad.backend.UnaryKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Work on several threads: the same numbers as on one, and the same bits each time. */
class SlicedKernelsTest {
  /** Blocked formats, an odd number of images and channels that oneDNN pads. */
  private static final Conv2dGeometry CONVOLUTION =
      new Conv2dGeometry(7, 16, 12, 12, 20, 3, 3, 1, 1, 1, 1, 1, 1, 1);

  private static OneDnnBackend backend(Slices.Least least) {
    return new OneDnnBackend(new OneDnnBackend.Thresholds(0, 0, least));
  }

  private static OneDnnBackend finelySliced() {
    return backend(new Slices.Least(1, 1, 1, 1));
  }

  private static Buffer random(OneDnnBackend backend, int length) {
    Generator generator = new Generator(length);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) generator.nextDouble() - 0.5f;
    }
    Buffer buffer = backend.allocate(DType.FLOAT32, length);
    backend.upload(values, buffer);
    return buffer;
  }

  private static float[] read(OneDnnBackend backend, Buffer buffer) {
    float[] values = new float[(int) buffer.length()];
    backend.download(buffer, values);
    return values;
  }

  /** The output of a convolution, all its gradients, products of both directions and a tanh. */
  private static List<float[]> results(OneDnnBackend backend, int threads) {
    Conv2dGeometry c = CONVOLUTION;
    try (var scope = CpuThreads.setNumThreads(threads)) {
      Buffer x = random(backend, c.n() * c.inChannels() * 144);
      Buffer w = random(backend, c.outChannels() * c.inChannels() * 9);
      Buffer y = random(backend, c.n() * c.outChannels() * 144);
      Buffer[] out = new Buffer[7];
      long[] lengths = {y.length(), x.length(), w.length(), 20, 77 * 33, 77 * 33, x.length()};
      for (int i = 0; i < out.length; i++) {
        out[i] = backend.allocate(DType.FLOAT32, lengths[i]);
      }
      backend.conv2d(c, x, w, null, out[0]);
      backend.conv2dInputGradient(c, y, w, out[1]);
      backend.conv2dWeightGradient(c, x, y, out[2], out[3]);
      Buffer a = random(backend, 77 * 65);
      Buffer b = random(backend, 65 * 33);
      backend.matmul(new MatmulGeometry(1, 77, 33, 65, true, false, false, false), a, b, out[4]);
      backend.matmul(new MatmulGeometry(1, 33, 77, 65, false, true, false, false), b, a, out[5]);
      backend.unary(UnaryKernel.TANH, 0, x, out[6]);
      List<float[]> results = new ArrayList<>();
      for (Buffer o : out) {
        results.add(read(backend, o));
      }
      return results;
    }
  }

  @Test
  void severalThreadsGiveTheNumbersOfOne() {
    List<float[]> expected = results(finelySliced(), 1);
    for (int threads = 2; threads <= 4; threads++) {
      List<float[]> actual = results(finelySliced(), threads);
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), actual.get(i), 1e-4f, threads + " threads, result " + i);
      }
    }
  }

  @Test
  void withTheSameThreadsTheBitsRepeat() {
    OneDnnBackend backend = finelySliced();
    List<float[]> expected = results(backend, 2);
    for (int run = 0; run < 50; run++) {
      List<float[]> actual = results(backend, 2);
      for (int i = 0; i < expected.size(); i++) {
        assertArrayEquals(expected.get(i), actual.get(i), "run " + run + ", result " + i);
      }
    }
  }

  @Test
  void aPrimitiveRunsOnOtherThreadsThanTheOneThatMadeIt() throws InterruptedException {
    OneDnnBackend backend = backend(Slices.Least.DEFAULT);
    List<List<float[]>> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread = new Thread(() -> all.add(results(backend, 1)));
      thread.start();
      thread.join();
    }
    for (int i = 0; i < all.get(0).size(); i++) {
      assertArrayEquals(all.get(0).get(i), all.get(1).get(i), "result " + i);
    }
  }

  @Test
  void aLargeReorderIsSharedAndExact() {
    Format plain = Format.rowMajor(9, 20, 64, 64);
    Format channelsLast =
        Format.ofStrides(new long[] {9, 20, 64, 64}, new long[] {81920, 1, 1280, 20});
    OneDnnBackend backend = backend(Slices.Least.DEFAULT);
    try (var scope = CpuThreads.setNumThreads(2);
        Operands o = new Operands()) {
      Buffer x = random(backend, 9 * 20 * 64 * 64);
      long there = o.scratch(channelsLast.bytes());
      Reorders.run(plain, o.read(x, null), channelsLast, there);
      Buffer back = backend.allocate(DType.FLOAT32, x.length());
      Reorders.run(channelsLast, there, plain, o.overwrite(back, null));
      assertArrayEquals(read(backend, x), read(backend, back));
      float[] pixel = new float[20];
      RawMemory.read(there + 4 * 81920 * 8, pixel, 0, 20);
      assertEquals(read(backend, x)[81920 * 8 + 4096], pixel[1]); // image 8, channel 1
    }
  }

  @Test
  void entriesStandOneAfterTheOtherOrNot() {
    assertEquals(4 * 15, Format.rowMajor(7, 3, 5).entryBytes());
    assertEquals(0, Format.ofStrides(new long[] {7, 3}, new long[] {1, 7}).entryBytes());
  }

  @Test
  void slicesCoverTheRangeAndNoMore() {
    for (long total : new long[] {1, 2, 7, 64, 1000}) {
      for (long count : new long[] {0, 1, 3, 4, 2000}) {
        for (long grain : new long[] {1, 16}) {
          Slices s = Slices.of(total, count, grain);
          long covered = 0;
          for (int i = 0; i < s.count(); i++) {
            assertEquals(covered, s.start(i));
            covered += s.length(i);
          }
          assertEquals(total, covered, s.toString());
        }
      }
    }
  }

  @Test
  void smallWorkIsOneSlice() {
    assertEquals(1, Slices.worthwhile(1L << 40, 1));
    try (var scope = CpuThreads.setNumThreads(2)) {
      assertEquals(4, Slices.worthwhile(1L << 40, 100));
      assertEquals(2, Slices.worthwhile(299, 100));
      assertEquals(1, Slices.of(300, Slices.worthwhile(99, 100), 1).count());
    }
  }
}
