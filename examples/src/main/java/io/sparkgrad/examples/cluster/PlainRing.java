// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.examples.cluster;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.BarrierTaskContext;

/** A socket from each rank to the next, without Spark: what the network of this host can do. */
final class PlainRing implements AutoCloseable {
  private static final int BUFFER = 1 << 18;

  private final int rank;
  private final SocketChannel next;
  private final SocketChannel previous;
  private final ByteBuffer outgoing = ByteBuffer.allocateDirect(BUFFER);
  private final ByteBuffer incoming = ByteBuffer.allocateDirect(BUFFER);
  private final ExecutorService writer = Executors.newSingleThreadExecutor();

  private PlainRing(int rank, SocketChannel next, SocketChannel previous) throws IOException {
    this.rank = rank;
    this.next = next;
    this.previous = previous;
    next.setOption(StandardSocketOptions.TCP_NODELAY, true);
    previous.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  static PlainRing join(BarrierTaskContext context) throws IOException {
    try (ServerSocketChannel server =
        ServerSocketChannel.open()
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      String[] ports = context.allGather(String.valueOf(server.socket().getLocalPort()));
      int rank = context.partitionId();
      int port = Integer.parseInt(ports[(rank + 1) % ports.length]);
      SocketChannel next =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return new PlainRing(rank, next, server.accept());
    }
  }

  /** So many bytes from each rank to the next, all at once. */
  void shift(int bytes) throws IOException {
    Future<?> written =
        writer.submit(
            () -> {
              write(next, bytes);
              return null;
            });
    read(previous, bytes);
    try {
      written.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** So many bytes from rank 0 to rank 1 and back; the other ranks do nothing. */
  void roundTrip(int bytes) throws IOException {
    if (rank == 0) {
      write(next, bytes);
      read(next, bytes);
    } else if (rank == 1) {
      read(previous, bytes);
      write(previous, bytes);
    }
  }

  private void write(SocketChannel to, int bytes) throws IOException {
    for (int left = bytes; left > 0; ) {
      outgoing.clear().limit(Math.min(BUFFER, left));
      while (outgoing.hasRemaining()) {
        left -= to.write(outgoing);
      }
    }
  }

  private void read(SocketChannel from, int bytes) throws IOException {
    for (int left = bytes; left > 0; ) {
      incoming.clear().limit(Math.min(BUFFER, left));
      int n = from.read(incoming);
      if (n < 0) {
        throw new EOFException("another rank has closed its socket");
      }
      left -= n;
    }
  }

  @Override
  public void close() throws IOException {
    writer.shutdownNow();
    next.close();
    previous.close();
  }
}
