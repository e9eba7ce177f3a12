// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameParserTest {
  /** Writes down what it is told. */
  private static final class Frames implements FrameParser.Listener {
    final List<String> headers = new ArrayList<>();
    final ByteBuf payload = Unpooled.buffer();
    private int remaining;

    @Override
    public void begin(long session, int rank, int sequence, int bytes) {
      headers.add(session + " " + rank + " " + sequence + " " + bytes);
      remaining = bytes;
    }

    @Override
    public void part(ByteBuf part) {
      remaining -= part.readableBytes();
      assertEquals(0, remaining == 0 ? 0 : part.readableBytes() % 8, "no number is torn");
      payload.writeBytes(part);
      part.release();
    }
  }

  @ParameterizedTest(name = "cut with seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @DisplayName("however the stream is cut, the frames are the same")
  void cuts(long seed) {
    Random random = new Random(seed);
    ByteBuf stream = Unpooled.buffer();
    ByteBuf payload = Unpooled.buffer();
    List<String> headers = new ArrayList<>();
    for (int i = 1; i <= 60; i++) {
      byte[] bytes = new byte[random.nextInt(40) * (i % 3)];
      random.nextBytes(bytes);
      FrameParser.writeHeader(stream, 77, 5, i, bytes.length);
      stream.writeBytes(bytes);
      payload.writeBytes(bytes);
      headers.add("77 5 " + i + " " + bytes.length);
    }
    Frames frames = new Frames();
    FrameParser parser = new FrameParser(frames);
    while (stream.isReadable()) {
      parser.parse(stream.readSlice(Math.min(stream.readableBytes(), 1 + random.nextInt(30))));
    }
    assertEquals(headers, frames.headers);
    assertEquals(payload, frames.payload);
  }

  @ParameterizedTest(name = "{0} bytes")
  @ValueSource(ints = {-1, Link.MAX_FRAME + 1, Integer.MAX_VALUE - 16})
  @DisplayName("an impossible length is refused before anything is allocated")
  void lengths(int bytes) {
    ByteBuf stream = Unpooled.buffer();
    FrameParser.writeHeader(stream, 77, 5, 1, bytes);
    FrameParser parser = new FrameParser(new Frames());
    assertThrows(IllegalArgumentException.class, () -> parser.parse(stream));
  }
}
