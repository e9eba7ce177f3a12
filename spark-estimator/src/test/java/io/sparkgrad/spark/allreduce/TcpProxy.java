// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;

/** Stands between two ranks: records what it passes on, and may stop doing so. */
public final class TcpProxy implements AutoCloseable {
  /** What happens after so many bytes in one direction. */
  public enum Fault {
    NONE,
    /** Nothing is passed on any more, and all stays open. */
    SILENCE,
    /** Both ends are closed, wherever in a frame that is. */
    CUT,
    /** The next ten bytes get lost, so that a frame comes short. */
    LOSS,
    /** From here on all comes a twentieth of a second late. */
    DELAY
  }

  private static final int LOST = 10;
  private static final long DELAY_MILLIS = 50;

  private final ServerSocket server;
  private final int target;
  private final Fault fault;
  private final long after;
  private final ByteArrayOutputStream recorded = new ByteArrayOutputStream();
  private final CountDownLatch closed = new CountDownLatch(1);

  public TcpProxy(int target, Fault fault, long after) throws IOException {
    this.target = target;
    this.fault = fault;
    this.after = after;
    this.server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** All that went through, in either direction. */
  public byte[] recorded() {
    synchronized (recorded) {
      return recorded.toByteArray();
    }
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                Thread.currentThread().interrupt(); // an end closed
              }
            },
            "proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() throws IOException {
    while (true) {
      Socket from = server.accept();
      Socket to = new Socket(InetAddress.getLoopbackAddress(), target);
      start(() -> pump(from, to));
      start(() -> pump(to, from));
    }
  }

  private void pump(Socket from, Socket to) throws IOException, InterruptedException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      long passed = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        synchronized (recorded) {
          recorded.write(buffer, 0, n);
        }
        int due = (int) Math.min(n, Math.max(0, after - passed));
        passed += n;
        if (passed <= after || fault == Fault.NONE) {
          due = n;
        } else if (fault == Fault.DELAY) {
          Thread.sleep(DELAY_MILLIS);
          due = n;
        }
        out.write(buffer, 0, due);
        if (due < n && fault == Fault.LOSS) {
          int lost = (int) Math.max(0, Math.min(n - due, after + LOST - (passed - n + due)));
          out.write(buffer, due + lost, n - due - lost);
        } else if (due < n) {
          if (fault == Fault.SILENCE) {
            closed.await();
          }
          return;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    closed.countDown();
    server.close();
  }
}
