// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.allreduce.SparkTransport.Connection;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SparkTransportTest {
  private static final String LOOPBACK = LinkedRanks.HOST;

  private static class Inbox implements SparkTransport.Receiver {
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

    @Override
    public void received(Object connection, ByteBuffer message) {
      messages.add(StandardCharsets.UTF_8.decode(message).toString());
    }

    @Override
    public void disconnected(Object connection) {}

    String next() throws InterruptedException {
      return messages.poll(60, TimeUnit.SECONDS);
    }
  }

  private static SparkConf secured(String secret) {
    return LinkedRanks.authenticated(secret).set("spark.network.crypto.enabled", "true");
  }

  private static SparkTransport open(SparkConf conf, SparkTransport.Receiver receiver) {
    return new SparkTransport(LinkedRanks.site(conf), receiver);
  }

  private static ByteBuffer text(String s) {
    return ByteBuffer.wrap(s.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aPeerWithTheSecretIsHeardInOrder() throws Exception {
    Inbox inbox = new Inbox();
    try (SparkTransport server = open(secured("s3cret"), inbox);
        SparkTransport client = open(secured("s3cret"), SparkTransport.Receiver.NONE);
        Connection connection = client.connect(LOOPBACK, server.port())) {
      for (int i = 0; i < 100; i++) {
        connection.send(text("message " + i));
      }
      for (int i = 0; i < 100; i++) {
        assertEquals("message " + i, inbox.next());
      }
    }
  }

  @Test
  void aPeerWithAnotherSecretIsRefused() throws Exception {
    Inbox inbox = new Inbox();
    try (SparkTransport server = open(secured("s3cret"), inbox);
        SparkTransport client = open(secured("guess"), SparkTransport.Receiver.NONE)) {
      assertThrows(IOException.class, () -> client.connect(LOOPBACK, server.port()));
      assertNull(inbox.messages.poll());
    }
  }

  @Test
  void aPeerThatDoesNotAuthenticateIsNotHeard() throws Exception {
    Inbox inbox = new Inbox();
    try (SparkTransport server = open(secured("s3cret"), inbox);
        SparkTransport client = open(new SparkConf(false), SparkTransport.Receiver.NONE);
        SparkTransport friend = open(secured("s3cret"), SparkTransport.Receiver.NONE)) {
      try (Connection stranger = client.connect(LOOPBACK, server.port())) {
        stranger.send(text("let me in"));
      }
      try (Socket socket = new Socket(LOOPBACK, server.port())) {
        socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      }
      try (Connection connection = friend.connect(LOOPBACK, server.port())) {
        connection.send(text("hello"));
        assertEquals("hello", inbox.next(), "the only message that is handed on");
      }
      assertTrue(inbox.messages.isEmpty());
    }
  }

  @Test
  @DisplayName("with AES/GCM Spark 4.1.0 hears the first message of a connection only")
  void galoisCounterMode() throws Exception {
    SparkConf conf = secured("s3cret").set("spark.network.crypto.cipher", "AES/GCM/NoPadding");
    CountDownLatch disconnected = new CountDownLatch(1);
    Inbox inbox =
        new Inbox() {
          @Override
          public void disconnected(Object connection) {
            disconnected.countDown();
          }
        };
    try (SparkTransport server = open(conf, inbox);
        SparkTransport client = open(conf, SparkTransport.Receiver.NONE)) {
      try (Connection connection = client.connect(LOOPBACK, server.port())) {
        for (int i = 0; i < 3; i++) {
          connection.send(text("message " + i));
        }
      }
      assertTrue(disconnected.await(60, TimeUnit.SECONDS));
    }
    assertEquals(List.of("message 0"), List.copyOf(inbox.messages));
  }
}
