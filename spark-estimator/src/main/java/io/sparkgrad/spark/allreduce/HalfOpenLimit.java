// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what connections may cost that have not greeted yet: how many there are, how long each
 * lasts, and how many bytes it sends before anything is made of them. When there are too many, the
 * oldest goes.
 */
@Sharable
final class HalfOpenLimit extends ChannelInboundHandlerAdapter {
  static final String NAME = "halfOpenLimit";

  /** Authentication takes some messages of a few hundred bytes; TLS comes before this. */
  private static final int MAX_BYTES = 64 << 10;

  private static final AttributeKey<Integer> BYTES = AttributeKey.valueOf("sparkgrad.halfOpen");

  private final int maxConnections;
  private final long timeoutMillis;
  private final Set<Channel> channels = new LinkedHashSet<>();

  HalfOpenLimit(int maxConnections, long timeoutMillis) {
    this.maxConnections = maxConnections;
    this.timeoutMillis = timeoutMillis;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    Channel channel = context.channel();
    channel.attr(BYTES).set(0);
    Channel surplus = null;
    synchronized (channels) {
      channels.add(channel);
      if (channels.size() > maxConnections) {
        surplus = channels.iterator().next();
        channels.remove(surplus);
      }
    }
    if (surplus != null) {
      close(surplus);
    }
    var unused =
        context.executor().schedule(() -> expire(channel), timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private void expire(Channel channel) {
    if (channel.pipeline().get(NAME) != null) {
      close(channel);
    }
  }

  private static void close(Channel channel) {
    var unused = channel.close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    synchronized (channels) {
      channels.remove(context.channel());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf in = (ByteBuf) message;
    int bytes = context.channel().attr(BYTES).get() + in.readableBytes();
    context.channel().attr(BYTES).set(bytes);
    if (bytes > MAX_BYTES) {
      in.release();
      close(context.channel());
    } else {
      context.fireChannelRead(in);
    }
  }
}
