// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.spark.allreduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.spark.allreduce.LinkedRanks.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What Spark's security settings do for gradients. */
class SecuredLinkTest {
  private static final float GRADIENT = 12_345.678f;
  private static final int LENGTH = 100_003;

  @TempDir private static Path folder;

  /** Settings of an application, and whether they hide what is sent. */
  enum Security {
    NONE(false),
    AUTHENTICATED(false),
    AES_CTR(true),
    TLS(true),
    TLS_AUTHENTICATED(true);

    final boolean hides;

    Security(boolean hides) {
      this.hides = hides;
    }

    SparkConf conf() throws Exception {
      SparkConf conf =
          this == NONE || this == TLS ? new SparkConf(false) : LinkedRanks.authenticated("s3cret");
      switch (this) {
        case AES_CTR -> conf.set("spark.network.crypto.enabled", "true");
        case TLS, TLS_AUTHENTICATED -> withCertificate(conf);
        default -> {}
      }
      return conf;
    }
  }

  private static void withCertificate(SparkConf conf) throws Exception {
    String store = folder.resolve("store.p12").toString();
    if (!Path.of(store).toFile().exists()) {
      String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
      Process made =
          new ProcessBuilder(
                  keytool,
                  "-genkeypair",
                  "-alias",
                  "ranks",
                  "-dname",
                  "CN=ranks",
                  "-keyalg",
                  "RSA",
                  "-keystore",
                  store,
                  "-storetype",
                  "PKCS12",
                  "-storepass",
                  "changeit")
              .redirectErrorStream(true)
              .start();
      assertEquals(0, made.waitFor());
    }
    conf.set("spark.ssl.rpc.enabled", "true")
        .set("spark.ssl.rpc.protocol", "TLSv1.3")
        .set("spark.ssl.rpc.keyStore", store)
        .set("spark.ssl.rpc.keyStorePassword", "changeit")
        .set("spark.ssl.rpc.keyPassword", "changeit")
        .set("spark.ssl.rpc.trustStore", store)
        .set("spark.ssl.rpc.trustStorePassword", "changeit");
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  @DisplayName("who looks at the bytes between two ranks finds gradients only without encryption")
  void bytesOnTheSocket(Security security) throws Exception {
    AtomicReference<TcpProxy> proxy = new AtomicReference<>();
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            LinkedRanks.all(2, security.conf()),
            LinkedRanks.DEADLINE,
            own -> {
              try {
                int port = Integer.parseInt(own.get(0).substring(own.get(0).indexOf(':') + 1));
                proxy.set(new TcpProxy(port, TcpProxy.Fault.NONE, 0));
                return List.of(LinkedRanks.HOST + ":" + proxy.get().port(), own.get(1));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            },
            c -> {
              float[] data = new float[LENGTH];
              Arrays.fill(data, GRADIENT);
              c.allReduceSum(data, 0, LENGTH);
              return data;
            });
    float[] expected = new float[LENGTH];
    Arrays.fill(expected, 2 * GRADIENT);
    outcomes.forEach(o -> assertArrayEquals(expected, o.result(), o::message));
    byte[] seen = proxy.get().recorded();
    proxy.get().close();
    assertTrue(seen.length > LENGTH * Float.BYTES, "what was sent went through the proxy");
    assertEquals(!security.hides, holds(seen, GRADIENT), "gradients are readable");
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  @DisplayName("what one rank passes on as it came is encrypted anew")
  void passedOn(Security security) throws Exception {
    int length = 900_001; // several frames of each of three ranks
    List<Outcome<float[]>> outcomes =
        LinkedRanks.run(
            3,
            security.conf(),
            c -> {
              float[] data = new float[length];
              for (int i = 0; i < length; i++) {
                data[i] = i % 1000 * (1 + c.rank());
              }
              c.allReduceSum(data, 0, length);
              return data;
            });
    float[] expected = new float[length];
    for (int i = 0; i < length; i++) {
      expected[i] = i % 1000 * 6;
    }
    outcomes.forEach(o -> assertArrayEquals(expected, o.result(), o::message));
  }

  private static boolean holds(byte[] bytes, float value) {
    ByteBuffer four = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 4; i++) {
      four.putFloat(value);
    }
    for (int i = 0; i + 16 <= bytes.length; i++) {
      if (Arrays.equals(bytes, i, i + 16, four.array(), 0, 16)) {
        return true;
      }
    }
    return false;
  }

  @Test
  @DisplayName("a rank with another secret, or without one, is refused")
  void secrets() throws Exception {
    SparkConf own = LinkedRanks.authenticated("s3cret").set("spark.network.crypto.enabled", "true");
    SparkConf other =
        LinkedRanks.authenticated("guess").set("spark.network.crypto.enabled", "true");
    for (SparkConf stranger : List.of(other, new SparkConf(false))) {
      List<Outcome<float[]>> outcomes =
          LinkedRanks.run(
              new SparkConf[] {own, stranger},
              Duration.ofSeconds(2),
              addresses -> addresses,
              c -> new float[0]);
      assertTrue(
          outcomes.get(1).message().startsWith("rank 1 cannot connect to rank 0 at 127.0.0.1:"),
          outcomes.get(1)::message);
      assertTrue(
          outcomes
              .get(0)
              .message()
              .startsWith("rank 0 waits for a connection in attempt 3: rank 1"),
          outcomes.get(0)::message);
    }
  }

  @Test
  @DisplayName("an encryption that carries Spark's messages only is refused at once, with a remedy")
  void unsuitableCiphers() {
    SparkConf gcm =
        LinkedRanks.authenticated("s3cret")
            .set("spark.network.crypto.enabled", "true")
            .set("spark.network.crypto.cipher", "AES/GCM/NoPadding");
    SparkConf sasl =
        LinkedRanks.authenticated("s3cret").set("spark.authenticate.enableSaslEncryption", "true");
    for (SparkConf conf : List.of(gcm, sasl)) {
      String message =
          assertThrows(
                  CommunicationException.class,
                  () -> LinkedRanks.link(conf, 0, 2, Duration.ofSeconds(2)))
              .getMessage();
      assertTrue(message.contains("spark.ssl.rpc.enabled=true"), message);
    }
  }
}
