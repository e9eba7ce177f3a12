// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.netty.SparkTransportConf;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;
import scala.Option;

/**
 * A server and clients of Spark's network library, secured as Spark secures its block transfers:
 * with {@code spark.authenticate} a peer has to know the application's secret before any of its
 * messages is looked at, and {@code spark.network.crypto.enabled} or {@code spark.ssl.rpc.enabled}
 * encrypt. The one home of that library.
 */
final class SparkTransport implements AutoCloseable {
  /** Prefix of the settings: {@code spark.sparkgrad.io.*}, as {@code spark.shuffle.io.*}. */
  private static final String MODULE = "sparkgrad";

  /** The other end is a few ranks, each with one connection. */
  private static final int THREADS = 2;

  private static final long FLUSH_SECONDS = 5;

  private final TransportContext context;
  private final TransportClientFactory clients;
  private final TransportServer server;
  private final String host;

  /** Gets what arrives; calls for one connection come from one thread. */
  interface Receiver {
    /** For who only sends. */
    Receiver NONE =
        new Receiver() {
          @Override
          public void received(Object connection, ByteBuffer message) {}

          @Override
          public void disconnected(Object connection) {}
        };

    /** The buffer is valid during the call only. */
    void received(Object connection, ByteBuffer message);

    void disconnected(Object connection);
  }

  /** Opens a server on a free port, which stays bound until {@link #close()}. */
  SparkTransport(
      SparkConf conf,
      SecurityManager security,
      String appId,
      String bindAddress,
      String host,
      Receiver receiver) {
    TransportConf transport =
        SparkTransportConf.fromSparkConf(
            conf, MODULE, THREADS, Option.empty(), Option.apply(security.getRpcSSLOptions()));
    boolean authenticate = security.isAuthenticationEnabled();
    List<TransportServerBootstrap> serverSide =
        authenticate ? List.of(new AuthServerBootstrap(transport, security)) : List.of();
    List<TransportClientBootstrap> clientSide =
        authenticate ? List.of(new AuthClientBootstrap(transport, appId, security)) : List.of();
    this.host = host;
    this.context = new TransportContext(transport, new Handler(receiver));
    this.clients = context.createClientFactory(clientSide);
    this.server = context.createServer(bindAddress, 0, serverSide);
  }

  /** As Spark itself does on this executor or driver: same host, same security. */
  static SparkTransport ofThisProcess(Receiver receiver) {
    SparkEnv env = SparkEnv.get();
    String host = env.blockManager().blockManagerId().host();
    boolean onDriver = env.executorId().equals("driver");
    String bind = onDriver ? env.conf().get("spark.driver.bindAddress", host) : host;
    return new SparkTransport(
        env.conf(), env.securityManager(), env.conf().getAppId(), bind, host, receiver);
  }

  String host() {
    return host;
  }

  int port() {
    return server.getPort();
  }

  /** A connection to another process's server. */
  Connection connect(String toHost, int toPort) throws IOException {
    try {
      // Not pooled: the order of messages is that of one connection.
      return new Connection(clients.createUnmanagedClient(toHost, toPort));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while connecting", e);
    } catch (RuntimeException e) { // how a failed authentication is reported
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The sending side of a connection. */
  static final class Connection implements AutoCloseable {
    private final TransportClient client;

    private Connection(TransportClient client) {
      this.client = client;
    }

    void send(ByteBuffer message) {
      client.send(message);
    }

    /** Waits until what was sent has left, for closing a channel drops what has not. */
    @Override
    public void close() {
      client
          .getChannel()
          .writeAndFlush(Unpooled.EMPTY_BUFFER)
          .awaitUninterruptibly(FLUSH_SECONDS, TimeUnit.SECONDS);
      client.close();
    }
  }

  private static final class Handler extends RpcHandler {
    private final Receiver receiver;
    private final StreamManager streams = new OneForOneStreamManager();

    Handler(Receiver receiver) {
      this.receiver = receiver;
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message) {
      receiver.received(client.getChannel(), message);
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
      callback.onFailure(new UnsupportedOperationException("one-way messages only"));
    }

    @Override
    public void channelInactive(TransportClient client) {
      receiver.disconnected(client.getChannel());
    }

    @Override
    public StreamManager getStreamManager() {
      return streams;
    }
  }

  @Override
  public void close() {
    clients.close();
    server.close();
    context.close();
  }
}
