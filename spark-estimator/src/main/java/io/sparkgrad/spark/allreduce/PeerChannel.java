// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Frames to and from one other rank, on a channel that Spark has secured and whose handlers have
 * made room but for those that encrypt. All calls are made by the thread that drives the event
 * loop.
 */
final class PeerChannel extends ChannelInboundHandlerAdapter implements FrameParser.Listener {
  /** In place of a sequence number. */
  private static final int ABORT = -1;

  private static final int GOODBYE = -2;

  /** As {@link #ABORT}, of a rank that the other has it from. */
  private static final int PASSED_ON = -3;

  private static final int MAX_CAUSE = 4096;

  /** Frames written that have not left: then a sender waits. */
  private static final int MAX_PENDING = 32;

  /** Bytes that came and were not taken: then the network has to wait. */
  private static final int MAX_QUEUED = 64 << 20;

  private final Channel channel;
  private final long session;
  private final int ownRank;
  private final int peerRank;
  private final Listener listener;
  private final ChannelFutureListener left = this::left;
  private final FrameParser parser = new FrameParser(this);

  /** Of the frames that have begun to come and were not taken. */
  private final Queue<Integer> lengths = new ArrayDeque<>();

  private final Queue<ByteBuf> parts = new ArrayDeque<>();
  private final ByteBuf lastWords = Unpooled.buffer(0, MAX_CAUSE);
  private int queued;
  private int pending;
  private int sent;
  private int received;
  private int wordsToCome;
  private boolean passedOn;
  private volatile @Nullable String end;

  /** Learns of a failure. */
  interface Listener {
    /** The other rank has failed, or is lost; its name and this reason make a sentence. */
    void lost(String reason);

    /** Some rank has failed, which the other one was told of in this sentence. */
    void told(String sentence);
  }

  /**
   * Takes over a channel.
   *
   * @param listener is told why no more frames will come, once
   */
  PeerChannel(Channel channel, Greeting self, int peerRank, Listener listener) {
    this.channel = channel;
    this.session = self.session();
    this.ownRank = self.rank();
    this.peerRank = peerRank;
    this.listener = listener;
    // Spark sets it on the connecting side only; without, a frame waits for the other side's ack.
    channel.config().setOption(ChannelOption.TCP_NODELAY, true);
    channel.config().setAutoClose(false); // see left
    channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(Link.MAX_FRAME));
    channel.pipeline().addLast(this);
  }

  /** Whether a further frame would have to wait. */
  boolean isFull() {
    return pending >= MAX_PENDING;
  }

  boolean isFlushed() {
    return pending == 0;
  }

  void send(int bytes, Consumer<ByteBuffer> writer) {
    write(++sent, bytes, writer);
  }

  /** Tells the other rank why this one fails. */
  void abort(String cause) {
    say(ABORT, cause);
  }

  /** Tells the other rank what this one was told of a third. */
  void passOn(String sentence) {
    say(PASSED_ON, sentence);
  }

  private void say(int kind, String cause) {
    byte[] text = cause.getBytes(StandardCharsets.UTF_8);
    int size = Math.min(text.length, MAX_CAUSE);
    write(kind, size, out -> out.put(text, 0, size));
  }

  /** The end that was meant: the other rank does not take it for a loss. */
  ChannelFuture close() {
    if (channel.isActive()) {
      write(GOODBYE, 0, out -> {});
    }
    parts.forEach(ByteBuf::release);
    parts.clear();
    return channel.close();
  }

  private void write(int sequence, int bytes, Consumer<ByteBuffer> writer) {
    ByteBuf frame = frame(sequence, bytes, bytes);
    writer.accept(frame.nioBuffer(FrameParser.HEADER, bytes).order(ByteOrder.LITTLE_ENDIAN));
    frame.writerIndex(FrameParser.HEADER + bytes);
    write(frame);
  }

  /**
   * Sends a frame on that {@code source} has whole, without a copy.
   *
   * @param reader gets its parts before
   */
  void forward(PeerChannel source, Consumer<ByteBuffer> reader) {
    int bytes = source.lengths.remove();
    CompositeByteBuf frame = channel.alloc().compositeBuffer(Integer.MAX_VALUE);
    frame.addComponent(true, frame(++sent, bytes, 0));
    while (frame.readableBytes() < FrameParser.HEADER + bytes) {
      ByteBuf part = source.take();
      reader.accept(part.nioBuffer().order(ByteOrder.LITTLE_ENDIAN));
      frame.addComponent(true, part);
    }
    write(frame);
  }

  /** The beginning of a frame of so many bytes, with room for some of them. */
  private ByteBuf frame(int sequence, int bytes, int room) {
    ByteBuf frame = channel.alloc().directBuffer(FrameParser.HEADER + room);
    FrameParser.writeHeader(frame, session, ownRank, sequence, bytes);
    return frame;
  }

  private void write(ByteBuf frame) {
    pending++;
    var unused = channel.writeAndFlush(frame).addListener(left);
  }

  /** Reading tells of a lost connection too, and the other rank's last words come before that. */
  private void left(ChannelFuture written) {
    pending--;
  }

  /** Length of the frame that is next; null if none has begun to come. */
  @Nullable Integer nextLength() {
    return lengths.peek();
  }

  boolean hasPart() {
    return !parts.isEmpty();
  }

  /** Whether the next frame has come whole, and no part of it was taken. */
  boolean hasFrame() {
    Integer length = lengths.peek();
    return length != null && queued >= length;
  }

  /**
   * Hands on a part of the next frame.
   *
   * @return its size in bytes
   */
  int take(Consumer<ByteBuffer> reader) {
    ByteBuf part = take();
    int size = part.readableBytes();
    reader.accept(part.nioBuffer().order(ByteOrder.LITTLE_ENDIAN));
    part.release();
    return size;
  }

  /** To be released. */
  private ByteBuf take() {
    ByteBuf part = parts.remove();
    queued -= part.readableBytes();
    if (!channel.config().isAutoRead() && queued < MAX_QUEUED / 2) {
      channel.config().setAutoRead(true);
    }
    return part;
  }

  /** The next frame has been taken whole. */
  void taken() {
    lengths.remove();
  }

  /** Why no more frames will come; null while they may. */
  @Nullable String end() {
    return end;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      if (end == null) {
        parser.parse(in);
      }
    } finally {
      in.release();
    }
    if (queued > MAX_QUEUED) {
      channel.config().setAutoRead(false);
    }
  }

  @Override
  public void begin(long from, int rank, int sequence, int bytes) {
    wordsToCome = 0;
    if (from != session || rank != peerRank) {
      throw new IllegalArgumentException("a frame of another fit, attempt or rank");
    }
    if (sequence == received + 1) {
      received = sequence;
      lengths.add(bytes);
    } else if (sequence == GOODBYE && bytes == 0) {
      end = "has ended and closed the connection";
    } else if ((sequence == ABORT || sequence == PASSED_ON) && bytes > 0 && bytes <= MAX_CAUSE) {
      wordsToCome = bytes;
      passedOn = sequence == PASSED_ON;
    } else {
      throw new IllegalArgumentException("frame %d after frame %d".formatted(sequence, received));
    }
  }

  @Override
  public void part(ByteBuf part) {
    if (wordsToCome == 0) {
      queued += part.readableBytes();
      parts.add(part);
      return;
    }
    lastWords.writeBytes(part);
    part.release();
    if (lastWords.readableBytes() == wordsToCome) {
      lastWord(lastWords.toString(StandardCharsets.UTF_8));
    }
  }

  private void lastWord(String text) {
    if (!passedOn) {
      lost("failed: " + text);
    } else if (end == null) {
      end = "has ended";
      listener.told(text);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    lost("closed the connection (its task failed or was killed)");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    lost("sent what is no frame, or cannot be reached: " + cause.getMessage());
    var unused = context.close();
  }

  /** The first reason counts. */
  private void lost(String reason) {
    if (end == null) {
      end = reason;
      listener.lost(reason);
    }
  }
}
