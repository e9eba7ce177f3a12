// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static io.sparkgrad.nn.Waves.filled;
import static io.sparkgrad.nn.Waves.wave;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.nn.MultiheadAttention.Masks;
import io.sparkgrad.shape.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@link TransformerEncoderLayer}; the numbers are PyTorch's. */
class TransformerEncoderLayerTest {
  private static final TransformerEncoderOptions SMALL =
      TransformerEncoderOptions.DEFAULT.withDimFeedforward(3).withDropout(0);
  private static final TransformerEncoderOptions NORM_FIRST =
      SMALL.withNormFirst(true).withActivation("gelu");

  @Test
  void normBehindAndRelu() {
    TransformerEncoderLayer layer = filled(new TransformerEncoderLayer(4, 2, SMALL));
    Tensor x = wave(1, 2, 2, 4).requiresGrad_();
    Tensor y = layer.forward(x);
    values(
        y,
        Shape.of(2, 2, 4),
        new double[] {
          -0.8062579853486985, -0.7586450335559181, 0.5276024568410922, 0.3864219288868455,
          -0.9651977019902409, -0.10537502121211445, 0.280597597534601, 0.33154410543178353,
          -0.4620681899972104, -1.1652080593573033, 0.39477162723301695, 0.35800526477718175,
          -0.9610515358757723, -0.18861560384828366, 0.3312727788564874, 0.34245734495445607
        });
    y.mul(wave(5, 2, 2, 4)).sum().backward();
    values(
        x.grad(),
        new double[] {
          -0.06252675005597903, 0.12442002703501126, -0.01384491972498749, 0.09509963637693647,
          -0.04368645359329544, -0.03510006507148447, 0.05874016886560573, -0.0024923023283556518,
          -0.08280437271203425, 0.16618343276032127, -0.09018619209902609, 0.16471299117386787,
          -0.020459269190293294, -0.061329517304662476, 0.05052328005237006, 0.000114035037443087
        });
    values(
        layer.namedParameters().get("norm1.weight").grad(),
        -0.2564744075290722,
        1.3386964053326773,
        0.41841994064907184,
        0.38525854342275);
    values(
        layer.forward(x, Masks.causal(2)),
        new double[] {
          -0.841032062280103, -0.6758895096557884, 0.5246842514889694, 0.37769330043779786,
          -0.9649234843433337, -0.10603183409815756, 0.28302550989500164, 0.3304386772643835,
          -0.4620681899972104, -1.1652080593573033, 0.39477162723301695, 0.35800526477718175,
          -0.9610515358757723, -0.18861560384828366, 0.3312727788564874, 0.34245734495445607
        });
  }

  @Test
  void normFirstAndGelu() {
    TransformerEncoderLayer layer = filled(new TransformerEncoderLayer(4, 2, NORM_FIRST));
    Tensor x = wave(1, 2, 2, 4).requiresGrad_();
    Tensor y = layer.forward(x);
    values(
        y,
        Shape.of(2, 2, 4),
        new double[] {
          1.3219017107266604, 0.9523626348118228, 1.0311769905912385, -0.7482337014106414,
          -0.01968258782442095, -1.1880139791294653, -0.3644239454424729, -1.2301583694361442,
          0.8331930536920329, 0.8130026476385475, 1.299498835733076, -0.08163121427727915,
          0.6149520597329471, -0.8186258586106332, -0.4743240923851021, -1.7377716198611886
        });
    y.mul(wave(5, 2, 2, 4)).sum().backward();
    values(
        x.grad(),
        new double[] {
          -0.946564284301769, -0.5565270412812748, 0.0956112472462697, 0.7433885060523677,
          0.9835662034233438, 0.7995610780824782, 0.2563564284404288, -0.47709923162322765,
          -0.8595792195099274, -0.9096647647766293, -0.5473591645562624, 0.03646760074743083,
          0.7536235259385062, 0.9371587879164975, 0.777350937657774, 0.266271576500701
        });
    values(
        layer.namedParameters().get("norm1.weight").grad(),
        0.005317114480395849,
        0.16113915108692092,
        0.2868195768147135,
        -0.20896331072329793);
    values(
        layer.forward(x, Masks.causal(2)),
        new double[] {
          1.284831965600583, 0.9946860600527245, 0.9901705141478012, -0.7149949601279464,
          0.07361698713098974, -1.2758181438531144, -0.29212310833314603, -1.2807628195954426,
          0.8331930536920329, 0.8130026476385475, 1.299498835733076, -0.08163121427727915,
          0.6149520597329471, -0.8186258586106332, -0.4743240923851021, -1.7377716198611886
        });
  }

  @Test
  void derivatives() {
    for (var options : List.of(SMALL.withActivation("gelu"), NORM_FIRST)) {
      var layer = filled(new TransformerEncoderLayer(3, 1, options.withDimFeedforward(2)));
      Waves.gradients(layer, in -> layer.forward(in.get(0)), wave(1, 2, 1, 3));
    }
  }

  @Test
  void batchFirst() {
    Tensor x = wave(1, 2, 3, 4);
    Tensor y = filled(new TransformerEncoderLayer(4, 2, SMALL.withBatchFirst(true))).forward(x);
    Tensor swapped = filled(new TransformerEncoderLayer(4, 2, SMALL)).forward(x.transpose(0, 1));
    values(y, swapped.transpose(0, 1).toDoubleArray());
  }

  @Test
  @DisplayName("MOD-4: state names in PyTorch's order, and its defaults")
  void state() {
    Module layer = new TransformerEncoderLayer(4, 2);
    List<String> names = new ArrayList<>();
    for (String part :
        List.of("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")) {
      names.add("self_attn." + part);
    }
    for (String part : List.of("linear1", "linear2", "norm1", "norm2")) {
      names.addAll(List.of(part + ".weight", part + ".bias"));
    }
    assertEquals(names, List.copyOf(layer.stateDict().keySet()));
    assertEquals(Shape.of(2048, 4), layer.stateDict().get("linear1.weight").shape());
    assertEquals(
        List.of(
            "self_attn", "linear1", "dropout", "linear2", "norm1", "norm2", "dropout1", "dropout2"),
        List.copyOf(layer.namedChildren().keySet()));
    assertEquals("Dropout(p=0.1)", layer.namedChildren().get("dropout2").toString());
    assertEquals(
        "LayerNorm((4,), eps=1e-05, elementwise_affine=True)",
        layer.namedChildren().get("norm2").toString());
  }

  @Test
  void dropoutInTrainingOnly() {
    Tensor x = wave(1, 2, 2, 4);
    var all = filled(new TransformerEncoderLayer(4, 2, NORM_FIRST.withDropout(1)));
    values(all.forward(x), x.toDoubleArray()); // both branches are dropped
    all.eval();
    values(
        all.forward(x),
        filled(new TransformerEncoderLayer(4, 2, NORM_FIRST)).forward(x).toDoubleArray());
  }

  @Test
  void unknownActivation() {
    rejects(
        IllegalArgumentException.class,
        "TransformerEncoderLayer: activation has to be \"relu\" or \"gelu\", got \"tanh\"",
        () -> SMALL.withActivation("tanh"));
  }
}
