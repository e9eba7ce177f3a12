// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.allreduce.LinkedRanks.Outcome;
import io.sparkgrad.spark.allreduce.TcpProxy.Fault;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks over real connections, undisturbed and disturbed. */
class SparkLinkTest {
  private static final SparkConf PLAIN = new SparkConf(false);
  private static final Duration SOON = Duration.ofMillis(700);
  private static final int LARGE = 1_000_003;

  private static float[] ones(int length) {
    float[] data = new float[length];
    Arrays.fill(data, 1);
    return data;
  }

  private static float[] sum(Communicator c, int length) {
    float[] data = ones(length);
    c.allReduceSum(data, 0, length);
    return data;
  }

  private static float[] expected(int length, int worldSize) {
    float[] data = new float[length];
    Arrays.fill(data, worldSize);
    return data;
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  @ParameterizedTest(name = "{0} ranks")
  @ValueSource(ints = {2, 3, 4})
  @DisplayName("sums, broadcasts and gatherings, of a few numbers and of many")
  void ranksTalk(int worldSize) throws Exception {
    byte[] bytes = new byte[3_000_001];
    new Random(1).nextBytes(bytes);
    List<Outcome<String>> outcomes =
        LinkedRanks.run(
            worldSize,
            PLAIN,
            c -> {
              for (int length : new int[] {0, 1, 100, 16_384, 16_385, LARGE}) {
                assertArrayEquals(expected(length, worldSize), sum(c, length));
              }
              assertArrayEquals(bytes, c.broadcast(c.rank() == 0 ? bytes : new byte[0]));
              double[][] all = c.allGather(new double[c.rank() * 50_000]);
              for (int rank = 0; rank < worldSize; rank++) {
                assertEquals(rank * 50_000, all[rank].length);
              }
              return "done";
            });
    outcomes.forEach(o -> assertEquals("done", o.result(), o::message));
  }

  @Test
  @DisplayName("calls may come from one thread after another")
  void threadsTakeTurns() throws Exception {
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            2,
            PLAIN,
            c -> {
              float[][] last = new float[1][];
              for (int i = 0; i < 20; i++) {
                Thread thread = new Thread(() -> last[0] = sum(c, 50_000));
                thread.start();
                thread.join();
                assertArrayEquals(expected(50_000, 2), last[0]);
                assertArrayEquals(expected(3, 2), sum(c, 3));
              }
              return last[0];
            });
    outcomes.forEach(o -> assertNotNull(o.result(), o::message));
  }

  @Test
  @DisplayName("a rank that fails is the cause that its neighbours report")
  void aRankFails() throws Exception {
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            3,
            PLAIN,
            c -> {
              if (c.rank() == 1) {
                c.abort("there is no space left on the device");
                throw new IOException("full");
              }
              return sum(c, LARGE);
            });
    for (int rank : new int[] {0, 2}) {
      String message = outcomes.get(rank).message();
      assertTrue(message.contains("in attempt 3: "), message);
      assertTrue(message.contains("failed: there is no space left on the device"), message);
    }
  }

  @Test
  @DisplayName("a cause that a thread gives while another waits reaches the other ranks too")
  void aRankFailsAside() throws Exception {
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            2,
            PLAIN,
            c -> {
              if (c.rank() == 0) {
                CountDownLatch waits = new CountDownLatch(1);
                Thread thread =
                    new Thread(
                        () -> {
                          waits.countDown();
                          assertThrows(CommunicationException.class, () -> sum(c, 3));
                        });
                thread.start();
                waits.await();
                Thread.sleep(100); // it waits for frames by now, or will see the cause at once
                c.abort("the loss is NaN");
                thread.interrupt();
                thread.join();
                return new float[0];
              }
              Thread.sleep(300);
              sum(c, 3);
              return sum(c, 3);
            });
    assertTrue(
        outcomes.get(1).message().endsWith("failed: the loss is NaN"), outcomes.get(1)::message);
  }

  /** Rank 1 reaches rank 0 through a proxy, which acts after 100 kB. */
  private static List<Outcome<float[]>> through(Fault fault, Duration deadline) throws Exception {
    List<TcpProxy> proxies = new ArrayList<>();
    UnaryOperator<List<String>> addresses =
        own -> {
          try {
            TcpProxy proxy = new TcpProxy(port(own.get(0)), fault, 100_000);
            proxies.add(proxy);
            return List.of(LinkedRanks.HOST + ":" + proxy.port(), own.get(1));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        };
    try {
      return LinkedRanks.run(LinkedRanks.all(2, PLAIN), deadline, addresses, c -> sum(c, LARGE));
    } finally {
      for (TcpProxy proxy : proxies) {
        proxy.close();
      }
    }
  }

  @Test
  @DisplayName("a network that falls silent within a frame ends in the deadline's sentence")
  void silence() throws Exception {
    List<Outcome<float[]>> outcomes = through(Fault.SILENCE, Duration.ofSeconds(3));
    assertTrue(
        outcomes.stream()
            .anyMatch(
                o ->
                    o.message()
                        .matches(
                            "rank (0|1) (waits for|sends to) rank (0|1) \\(127.0.0.1:\\d+\\) in attempt 3: nothing came for 3.0 s \\(communicationTimeout\\)")),
        outcomes::toString);
    outcomes.forEach(o -> assertNull(o.result()));
  }

  @Test
  @DisplayName("a connection that is cut within a frame ends both ranks at once")
  void cut() throws Exception {
    List<Outcome<float[]>> outcomes = through(Fault.CUT, LinkedRanks.DEADLINE);
    for (Outcome<float[]> o : outcomes) {
      assertTrue(
          o.message()
              .matches(
                  "rank . (waits for|sends to) rank . \\(127.0.0.1:\\d+\\) in attempt 3: rank . .*"),
          o::message);
    }
  }

  @Test
  @DisplayName("a rank that never comes is named")
  void missing() {
    try (SparkLink link = LinkedRanks.link(PLAIN, 0, 3, SOON)) {
      List<String> addresses = List.of(link.address(), "there:1", "there:2");
      String message =
          assertThrows(CommunicationException.class, () -> link.connect(addresses)).getMessage();
      assertEquals(
          "rank 0 waits for a connection in attempt 3: rank 1 (there:1), rank 2 (there:2) did not"
              + " come for 0.7 s (communicationTimeout)",
          message);
    }
  }

  @Test
  @DisplayName("who is of another application, fit, attempt or rank is turned away")
  void strays() throws Exception {
    Greeting own = LinkedRanks.greeting(1, 2);
    List<Greeting> strays =
        List.of(
            new Greeting("app-2", own.fit(), 3, 1, 2),
            new Greeting("app-1", new UUID(0, 0), 3, 1, 2),
            new Greeting("app-1", own.fit(), 2, 1, 2),
            new Greeting("app-1", own.fit(), 3, 0, 2),
            new Greeting("app-1", own.fit(), 3, 2, 2),
            new Greeting("app-1", own.fit(), 3, -1, 2),
            new Greeting("app-1", own.fit(), 3, 1, 3));
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            LinkedRanks.all(2, PLAIN),
            LinkedRanks.DEADLINE,
            addresses -> {
              try (SparkLink stranger = LinkedRanks.link(PLAIN, 1, 2, SOON)) {
                strays.forEach(g -> refused(g, addresses.get(0)));
                assertNotNull(stranger);
              }
              return addresses;
            },
            c -> sum(c, LARGE));
    outcomes.forEach(o -> assertArrayEquals(expected(LARGE, 2), o.result()));
  }

  private static void refused(Greeting greeting, String address) {
    SparkTransport.Porter nobody =
        new SparkTransport.Porter() {
          @Override
          public String refusal(java.nio.ByteBuffer message) {
            return "no";
          }

          @Override
          public void admitted(java.nio.ByteBuffer message, io.netty.channel.Channel channel) {}
        };
    try (SparkTransport transport =
        new SparkTransport(
            LinkedRanks.site(PLAIN), nobody, new HalfOpenLimit(10, SOON.toMillis()))) {
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  transport.greet(
                      LinkedRanks.HOST, port(address), greeting.encode(), LinkedRanks.DEADLINE));
      assertTrue(
          e.getMessage().contains("the connection is not of attempt 3 of this fit"), e::getMessage);
    }
  }

  @Test
  @DisplayName("garbage on the port disturbs nothing, and not many of its connections stay open")
  void garbage() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    Random random = new Random(7);
    byte[] noise = new byte[1000];
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            LinkedRanks.all(2, PLAIN),
            LinkedRanks.DEADLINE,
            addresses -> {
              try {
                for (int i = 0; i < 200; i++) {
                  Socket socket = new Socket(LinkedRanks.HOST, port(addresses.get(0)));
                  sockets.add(socket);
                  random.nextBytes(noise);
                  noise[0] = 0; // so that half of the lengths are possible
                  Arrays.fill(noise, 0, i % 2 == 0 ? 5 : 0, (byte) 0);
                  socket.getOutputStream().write(noise, 0, i % 3 == 0 ? 0 : noise.length);
                }
              } catch (IOException e) {
                assertNotNull(e.getMessage()); // closed while it was written to
              }
              return addresses;
            },
            c -> sum(c, LARGE));
    outcomes.forEach(o -> assertArrayEquals(expected(LARGE, 2), o.result(), o::message));
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @Test
  @DisplayName("of connections that do not greet only so many stay open: the others go")
  void halfOpen() throws Exception {
    try (SparkLink link = LinkedRanks.link(PLAIN, 0, 2, Duration.ofMinutes(10))) {
      List<Socket> sockets = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        sockets.add(new Socket(LinkedRanks.HOST, port(link.address())));
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      long closed = 0;
      while (closed < 100 - 66 && System.nanoTime() < end) {
        closed = sockets.stream().filter(SparkLinkTest::isClosed).count();
      }
      assertEquals(100 - 66, closed);
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static boolean isClosed(Socket socket) {
    try {
      socket.setSoTimeout(10);
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
