// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static io.sparkgrad.nn.Waves.filled;
import static io.sparkgrad.nn.Waves.wave;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.backend.DType;
import io.sparkgrad.nn.MultiheadAttention.Masks;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@link MultiheadAttention}; the numbers are PyTorch's. */
class MultiheadAttentionTest {
  private static final MultiheadAttentionOptions PLAIN = MultiheadAttentionOptions.DEFAULT;
  private static final Tensor QUERY = wave(1, 2, 2, 4);
  private static final Tensor KEY = wave(2, 2, 3, 4);
  private static final Tensor VALUE = wave(3, 2, 3, 4);

  private static MultiheadAttention batchFirst() {
    return filled(new MultiheadAttention(4, 2, PLAIN.withBatchFirst(true)));
  }

  private static Tensor mask(int columns, double... values) {
    return Tensor.of(values, values.length / columns, columns).to(DType.BOOL);
  }

  @Test
  void aSequenceThatLooksAtItself() {
    MultiheadAttention attention = filled(new MultiheadAttention(4, 2));
    Tensor x = wave(1, 3, 1, 4).requiresGrad_();
    Tensor y = attention.forward(x);
    values(
        y,
        Shape.of(3, 1, 4),
        new double[] {
          -0.006027167601965325, -0.35723045098033424, -0.22525629080888726, -0.8427326749305286,
          -0.20323782680942826, -0.2239953847438899, -0.27911974353831703, -0.8744650441525356,
          0.14397284659862836, -0.5350940979278699, -0.04008210151593938, -1.0138195441170381
        });
    values(
        attention.forward(x, x, x).weights(),
        Shape.of(1, 3, 3),
        new double[] {
          0.283603218541462, 0.3772308477566443, 0.33916593370189374, 0.43692639553894186,
          0.2342968505865617, 0.32877675387449645, 0.13295077642269099, 0.6674371275444386,
          0.19961209603287033
        });
    y.square().sum().backward();
    values(
        x.grad(),
        new double[] {
          -0.15122359175563846, -0.09001430843062734, 0.013530110661674942, 0.11071110729598156,
          -0.38928922146622397, -0.5120147195116351, -0.39393169452004195, -0.09057643824315102,
          -0.231822314555542, -0.06343364203778712, 0.13478886350833683, 0.2696180604124018
        });
    values(
        attention.namedParameters().get("in_proj_bias").grad(),
        new double[] {
          0.09611528498491011,
          -0.14407431169415422,
          0.7630484522617875,
          -0.8677215788583894,
          0,
          0,
          0,
          0,
          2.7864850657514952,
          2.984649671827439,
          1.7790869008053631,
          -0.2632082386651316
        });
    values(
        attention.namedParameters().get("out_proj.bias").grad(),
        -0.13058429562553042,
        -2.2326398673041883,
        -1.0889162717262875,
        -5.462034526400204);
  }

  @Test
  void queryKeyAndValue() {
    var result = batchFirst().forward(QUERY, KEY, VALUE);
    values(
        result.output(),
        Shape.of(2, 2, 4),
        new double[] {
          0.07503442084517825, -0.49573429202236696, -0.04531505265958352, -1.0433181430722032,
          0.19196470920467262, -0.5149481403555525, -0.12603790671958431, -0.8719865417432804,
          -0.010507382506843563, -0.40164363008541093, -0.1370818967581655, -0.964479263724475,
          0.011315695213455379, -0.3830187144793075, -0.1940025976327427, -0.8758402673094897
        });
    values(
        result.headWeights(),
        Shape.of(2, 2, 2, 3),
        new double[] {
          0.18909046505929492, 0.6144592162196485, 0.1964503187210566, 0.42830021010007957,
          0.06143399452531622, 0.5102657953746043, 0.3198884693857278, 0.3369579775247835,
          0.3431535530894888, 0.3275174225886338, 0.3595401873958543, 0.31294239001551183,
          0.578892610184832, 0.11791364465641202, 0.303193745158756, 0.07995058565740996,
          0.7655014940397132, 0.15454792030287695, 0.48644940936899184, 0.09895423544974691,
          0.4145963551812612, 0.16311831397414736, 0.658299121227705, 0.17858256479814774
        });
  }

  @Test
  void masksOfBooleansHideWhatTheyHold() {
    Masks masks = new Masks(mask(3, 0, 1, 0, 1, 0, 0), mask(3, 0, 0, 1, 0, 0, 0));
    var result = batchFirst().forward(QUERY, KEY, VALUE, masks);
    values(
        result.output(),
        new double[] {
          0.46531828823807336, -0.8133054062408054, 0.1628462770828228, -1.1180155395469458,
          -0.34833170292053145, -0.07606896885948183, -0.412785015069878, -0.7705066500197845,
          -0.010746191565515748, -0.40788612236275734, -0.12507945632915873, -0.9808547064766383,
          0.05480466122479298, -0.421621890185644, -0.1647460145015447, -0.8923695040788425
        });
    values(
        result.weights(),
        Shape.of(2, 2, 3),
        new double[] {
          1.0, 0, 0, 0,
          1.0, 0, 0.5980743032447173, 0,
          0.40192569675528284, 0, 0.8093158480832723, 0.19068415191672783
        });
  }

  @Test
  void masksOfNumbersAreAdded() {
    Masks masks = new Masks(wave(0, 4, 2, 3), wave(1, 2, 3));
    var result = batchFirst().forward(QUERY, KEY, VALUE, masks);
    values(
        result.output(),
        new double[] {
          0.04808718704127658, -0.48226904230310125, -0.043742337072030846, -1.0597470883156888,
          0.20821064522893462, -0.5108864792259828, -0.14993781845685833, -0.8310101413151124,
          -0.039208703338577386, -0.39249129820612294, -0.12562763905819013, -0.9952165106051489,
          -0.04825542715458965, -0.3236891472485333, -0.24623476267877475, -0.8367412089245356
        });
    values(
        result.weights(),
        Shape.of(2, 2, 3),
        new double[] {
          0.2011921710872704, 0.5093614258934791, 0.28944640301925034, 0.44761816708488855,
          0.25284542696883744, 0.299536405946274, 0.6972098739716213, 0.07770031988151452,
          0.22508980614686433, 0.29196716334739314, 0.6126339107886726, 0.09539892586393438
        });
  }

  @Test
  void nothingToLookAtIsNaN() {
    Tensor x = wave(1, 1, 1, 4);
    Masks masks = new Masks(null, mask(1, 1));
    var result = filled(new MultiheadAttention(4, 2)).forward(x, x, x, masks);
    values(result.output(), Double.NaN, Double.NaN, Double.NaN, Double.NaN);
  }

  @Test
  void causalMaskHidesWhatComesLater() {
    MultiheadAttention attention = filled(new MultiheadAttention(4, 2));
    Tensor x = wave(1, 3, 1, 4);
    values(
        Masks.causal(3).attention().to(DType.FLOAT64), Shape.of(3, 3), 0, 1, 1, 0, 0, 1, 0, 0, 0);
    Tensor all = attention.forward(x, x, x, Masks.causal(3)).output();
    Tensor first = x.narrow(0, 0, 2);
    values(
        all.narrow(0, 0, 2),
        attention.forward(first, first, first, Masks.causal(2)).output().toDoubleArray());
  }

  @Test
  void aSequenceWithoutBatch() {
    MultiheadAttention attention = batchFirst();
    Masks masks = new Masks(mask(3, 0, 1, 0, 1, 0, 0), mask(3, 0, 0, 1));
    Masks alone = new Masks(masks.attention(), masks.keyPadding().squeeze(0));
    Tensor q = wave(1, 2, 4);
    Tensor k = wave(2, 3, 4);
    var single = attention.forward(q, k, k, alone);
    var batch = attention.forward(q.unsqueeze(0), k.unsqueeze(0), k.unsqueeze(0), masks);
    values(single.output(), Shape.of(2, 4), batch.output().toDoubleArray());
    values(single.weights(), Shape.of(2, 3), batch.weights().toDoubleArray());
  }

  @Test
  void derivatives() {
    MultiheadAttention attention = filled(new MultiheadAttention(2, 2));
    Waves.gradients(attention, in -> attention.forward(in.get(0)), wave(1, 3, 1, 2));
    Masks causal = Masks.causal(2);
    Waves.gradients(
        attention,
        in -> attention.forward(in.get(0), in.get(1), in.get(2), causal).output(),
        wave(1, 2, 1, 2),
        wave(2, 2, 1, 2),
        wave(3, 2, 1, 2));
  }

  @Test
  @DisplayName("MOD-4, INIT-3, INIT-4: state names and start")
  void state() {
    Module attention = new MultiheadAttention(16, 4);
    assertEquals(
        List.of("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"),
        List.copyOf(attention.stateDict().keySet()));
    assertEquals(
        List.of("in_proj_weight", "out_proj.weight"),
        List.copyOf(new MultiheadAttention(4, 2, PLAIN.withBias(false)).stateDict().keySet()));
    values(attention.stateDict().get("in_proj_bias"), new double[48]);
    values(attention.stateDict().get("out_proj.bias"), new double[16]);
    largest(Math.sqrt(6.0 / (48 + 16)), attention.stateDict().get("in_proj_weight"));
    largest(0.25, attention.stateDict().get("out_proj.weight"));
  }

  private static void largest(double bound, Tensor t) {
    double max = Arrays.stream(t.toDoubleArray()).map(Math::abs).max().orElseThrow();
    assertTrue(max <= bound && max > 0.95 * bound, "" + max);
  }

  @Test
  void dropoutOfTheWeightsInTrainingOnly() {
    var all = filled(new MultiheadAttention(4, 2, PLAIN.withDropout(1)));
    Tensor x = wave(1, 3, 1, 4);
    values(all.forward(x, x, x).weights(), new double[9]);
    all.eval();
    values(all.forward(x), filled(new MultiheadAttention(4, 2)).forward(x).toDoubleArray());
  }

  @Test
  void mistakes() {
    rejects(
        IllegalArgumentException.class,
        "MultiheadAttention: expected an embed_dim divisible by num_heads, got 5 and 2",
        () -> new MultiheadAttention(5, 2));
    MultiheadAttention attention = batchFirst();
    rejects(
        ShapeMismatchException.class,
        "MultiheadAttention: expected a query, and a key and a value of equal shape, [batch, length, 4], or without the batch, got [2, 2, 4], [1, 3, 4] and [1, 3, 4]",
        () -> attention.forward(QUERY, wave(1, 1, 3, 4), wave(1, 1, 3, 4)));
    masked(
        "an attention mask of shape [2, 3], got [3, 2]", new Masks(mask(2, new double[6]), null));
    masked(
        "an attention mask of shape [4, 2, 3], got [2, 2, 3]", new Masks(wave(0, 2, 2, 3), null));
    masked("a key padding mask of shape [2, 3], got [3]", new Masks(null, wave(0, 3)));
    rejects(
        IllegalArgumentException.class,
        "MultiheadAttention: expected an attention mask of dtype BOOL or of floating point, got INT64",
        () -> attention.forward(QUERY, KEY, VALUE, new Masks(wave(0, 2, 3).to(DType.INT64), null)));
  }

  private static void masked(String message, Masks masks) {
    rejects(
        ShapeMismatchException.class,
        "MultiheadAttention: expected " + message,
        () -> batchFirst().forward(QUERY, KEY, VALUE, masks));
  }
}
