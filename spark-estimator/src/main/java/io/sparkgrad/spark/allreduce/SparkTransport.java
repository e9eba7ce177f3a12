// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
import org.apache.spark.network.util.TransportFrameDecoder;
import org.jspecify.annotations.Nullable;
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

  /** Chosen here, since it decides which event loops a channel can be moved to. */
  private static final String IO_MODE = Epoll.isAvailable() ? "EPOLL" : "NIO";

  /** What {@link TransportContext} puts into a pipeline, but for TLS. */
  private static final List<String> MESSAGE_HANDLERS =
      List.of(
          HalfOpenLimit.NAME,
          "loggingHandler",
          "chunkedWriter",
          "encoder",
          TransportFrameDecoder.HANDLER_NAME,
          "decoder",
          "idleStateHandler",
          "chunkFetchHandler",
          "handler");

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

  /** Is asked for a connection that wants to go on without Spark's messages. */
  interface Porter {
    /** Why who greets is not let in; null if it is. */
    @Nullable String refusal(ByteBuffer greeting);

    /** Takes the channel: its only handlers are those that encrypt, and it does not read. */
    void admitted(ByteBuffer greeting, Channel channel);
  }

  /**
   * Who a process is to others, and where.
   *
   * @param bindAddress that the server listens at
   * @param host under which others reach it
   */
  record Site(
      SparkConf conf,
      SecurityManager security,
      String application,
      String bindAddress,
      String host) {
    /** As Spark itself does on this executor or driver: same host, same security. */
    static Site ofThisProcess() {
      SparkEnv env = SparkEnv.get();
      String host = env.blockManager().blockManagerId().host();
      boolean onDriver = env.executorId().equals("driver");
      String bind = onDriver ? env.conf().get("spark.driver.bindAddress", host) : host;
      return new Site(env.conf(), env.securityManager(), env.conf().getAppId(), bind, host);
    }
  }

  /** Opens a server for messages on a free port, which stays bound until {@link #close()}. */
  SparkTransport(Site site, Receiver receiver) {
    this(site, new Handler(receiver, null), List.of());
  }

  /**
   * Opens a server for greetings on a free port, which stays bound until {@link #close()}.
   *
   * @throws CommunicationException if the application encrypts in a way that carries only Spark's
   *     own messages
   */
  SparkTransport(Site site, Porter porter, HalfOpenLimit limit) {
    this(withStreamCipher(site), new Handler(Receiver.NONE, porter), List.of(new Limiting(limit)));
  }

  private static Site withStreamCipher(Site site) {
    SparkConf conf = site.conf;
    boolean crypto = conf.getBoolean("spark.network.crypto.enabled", false);
    if (crypto && conf.get("spark.network.crypto.cipher", "").startsWith("AES/GCM")) {
      throw new CommunicationException(
          "gradients cannot be sent with spark.network.crypto.cipher=AES/GCM/NoPadding, whose"
              + " decryption ends after one message; set AES/CTR/NoPadding, or"
              + " spark.ssl.rpc.enabled=true for encryption with integrity");
    }
    if (!crypto && conf.getBoolean("spark.authenticate.enableSaslEncryption", false)) {
      throw new CommunicationException(
          "gradients cannot be sent with spark.authenticate.enableSaslEncryption=true; set"
              + " spark.network.crypto.enabled=true or spark.ssl.rpc.enabled=true in its place");
    }
    return site;
  }

  private SparkTransport(Site site, Handler handler, List<TransportServerBootstrap> first) {
    SecurityManager security = site.security;
    SparkConf conf = site.conf.clone().set("spark." + MODULE + ".io.mode", IO_MODE);
    TransportConf transport =
        SparkTransportConf.fromSparkConf(
            conf, MODULE, THREADS, Option.empty(), Option.apply(security.getRpcSSLOptions()));
    List<TransportServerBootstrap> serverSide = new ArrayList<>(first);
    List<TransportClientBootstrap> clientSide = new ArrayList<>();
    if (security.isAuthenticationEnabled()) {
      serverSide.add(new AuthServerBootstrap(transport, security));
      clientSide.add(new AuthClientBootstrap(transport, site.application, security));
    }
    this.host = site.host;
    this.context = new TransportContext(transport, handler);
    this.clients = context.createClientFactory(clientSide);
    this.server = context.createServer(site.bindAddress, 0, serverSide);
  }

  /** An event loop that channels of this transport can be moved to. */
  static CallerEventLoop callerEventLoop() {
    return new CallerEventLoop(
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  String host() {
    return host;
  }

  int port() {
    return server.getPort();
  }

  /** A connection to another process's server. */
  Connection connect(String toHost, int toPort) throws IOException {
    return new Connection(client(toHost, toPort));
  }

  /**
   * Connects to another process's server and, once that has admitted the greeting, goes on without
   * Spark's messages. The other side must not send before it has heard something.
   *
   * @return the channel, whose only handlers are those that encrypt and which does not read
   */
  Channel greet(String toHost, int toPort, ByteBuffer greeting, Duration deadline)
      throws IOException {
    TransportClient client = client(toHost, toPort);
    CompletableFuture<Channel> admitted = new CompletableFuture<>();
    client.sendRpc(
        greeting,
        new RpcResponseCallback() {
          @Override
          public void onSuccess(ByteBuffer response) {
            admitted.complete(withoutMessages(client.getChannel()));
          }

          @Override
          public void onFailure(Throwable e) {
            admitted.completeExceptionally(e);
          }
        });
    try {
      return admitted.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      client.close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while connecting", e);
    } catch (TimeoutException e) {
      client.close();
      throw new IOException("no answer for %.1f s".formatted(deadline.toMillis() / 1000.0), e);
    } catch (ExecutionException e) {
      client.close();
      throw new IOException(firstLine(e.getCause()), e);
    }
  }

  /** A refusal comes with the stack of the other side. */
  private static String firstLine(@Nullable Throwable refusal) {
    String message = refusal == null ? null : refusal.getMessage();
    return message == null ? "refused" : message.lines().findFirst().orElse("refused");
  }

  /** Called by the channel's event loop, so that nothing is read meanwhile. */
  private static Channel withoutMessages(Channel channel) {
    channel.config().setAutoRead(false);
    for (String name : MESSAGE_HANDLERS) {
      if (channel.pipeline().get(name) != null) {
        channel.pipeline().remove(name);
      }
    }
    return channel;
  }

  private TransportClient client(String toHost, int toPort) throws IOException {
    try {
      // Not pooled: the order of messages is that of one connection.
      return clients.createUnmanagedClient(toHost, toPort);
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

  private record Limiting(HalfOpenLimit limit) implements TransportServerBootstrap {
    @Override
    public RpcHandler doBootstrap(Channel channel, RpcHandler handler) {
      channel.pipeline().addFirst(HalfOpenLimit.NAME, limit);
      return handler;
    }
  }

  private static final class Handler extends RpcHandler {
    private final Receiver receiver;
    private final @Nullable Porter porter;
    private final StreamManager streams = new OneForOneStreamManager();

    Handler(Receiver receiver, @Nullable Porter porter) {
      this.receiver = receiver;
      this.porter = porter;
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message) {
      receiver.received(client.getChannel(), message);
    }

    @Override
    public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
      Channel channel = client.getChannel();
      if (porter == null) {
        callback.onFailure(new UnsupportedOperationException("one-way messages only"));
        return;
      }
      String refusal = porter.refusal(message.duplicate());
      if (refusal == null) {
        callback.onSuccess(ByteBuffer.allocate(0));
        porter.admitted(message, withoutMessages(channel));
      } else {
        callback.onFailure(new IOException(refusal));
      }
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
