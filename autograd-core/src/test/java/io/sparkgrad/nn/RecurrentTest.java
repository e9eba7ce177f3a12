// SPDX-License-Identifier: Apache-2.0
package io.sparkgrad.nn;

import static io.sparkgrad.autograd.op.OpChecks.rejects;
import static io.sparkgrad.autograd.op.OpChecks.values;
import static io.sparkgrad.nn.Waves.filled;
import static io.sparkgrad.nn.Waves.wave;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.autograd.Tensor;
import io.sparkgrad.shape.Shape;
import io.sparkgrad.shape.ShapeMismatchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** LSTM and GRU; the numbers are PyTorch's. */
class RecurrentTest {
  private static final RecurrentOptions PLAIN = RecurrentOptions.DEFAULT;
  private static final RecurrentOptions DEEP = new RecurrentOptions(2, true, true, 0, true);

  private static void grad(Module module, String parameter, double... expected) {
    values(module.namedParameters().get(parameter).grad(), expected);
  }

  @Test
  void lstm() {
    LSTM lstm = filled(new LSTM(2, 1));
    Tensor x = wave(1, 3, 1, 2).requiresGrad_();
    LSTM.Result result = lstm.forwardWithState(x);
    values(
        result.output(),
        Shape.of(3, 1, 1),
        -0.056569906587964666,
        -0.11173417039756771,
        -0.1927681253038934);
    values(result.hN(), Shape.of(1, 1, 1), -0.1927681253038934);
    values(result.cN(), Shape.of(1, 1, 1), -0.43772699777549384);
    lstm.forward(x).sum().backward();
    values(
        x.grad(),
        new double[] {
          0.04553752661850159,
          -0.012842674676900097,
          0.047661763844822735,
          -0.006303555234484955,
          0.04938269290722657,
          -0.011210261830208457
        });
    grad(
        lstm,
        "weight_hh_l0",
        0.007464204705998511,
        0.006420097847736067,
        -0.025422163071875035,
        0.016336470408905984);
    grad(
        lstm,
        "bias_ih_l0",
        -0.1190258100732948,
        -0.07174426257760178,
        0.44377457378069113,
        -0.2377361945199607);
  }

  @Test
  void lstmOfTwoLayersAndDirections() {
    LSTM lstm = filled(new LSTM(1, 2, DEEP));
    LSTM.Result result =
        lstm.forwardWithState(wave(1, 2, 2, 1), wave(2, 4, 2, 2), wave(3, 4, 2, 2));
    values(
        result.output(),
        Shape.of(2, 2, 4),
        new double[] {
          0.22948946691140867, 0.07639882518857678, -0.32705970206440493, -0.3925874467271943,
          0.20853225069197778, 0.14203742312955808, -0.32312680880987227, -0.4148233634939857,
          -0.007816829101346293, -0.1294190936779636, -0.21591617712638922, -0.24808615896905453,
          0.07296616440042528, 0.06676450048738018, -0.08442015966518226, -0.07095749724546369
        });
    values(
        result.hN(),
        Shape.of(4, 2, 2),
        new double[] {
          -0.18063718342560744, -0.14153186510130755, -0.4090817036769995, -0.3542888318124186,
          0.12232158369376202, 0.03391368030173983, 0.1599627536880228, 0.039289483165253644,
          0.20853225069197778, 0.14203742312955808, 0.07296616440042528, 0.06676450048738018,
          -0.32705970206440493, -0.3925874467271943, -0.21591617712638922, -0.24808615896905453
        });
    values(
        result.cN(),
        Shape.of(4, 2, 2),
        new double[] {
          -0.39463326296804935, -0.24728572168664137, -0.800875062520918, -0.5031313737387093,
          0.31191907383219863, 0.09357262339270167, 0.4228186205545218, 0.10830438580478431,
          0.3264635912951518, 0.267620538246238, 0.10230853003103019, 0.1348598340374025,
          -0.9592649364701327, -0.63405853736483, -0.44228797092933914, -0.4389231143271724
        });
  }

  @Test
  void gru() {
    GRU gru = filled(new GRU(2, 1));
    Tensor x = wave(1, 3, 1, 2).requiresGrad_();
    GRU.Result result = gru.forwardWithState(x);
    values(
        result.output(),
        Shape.of(3, 1, 1),
        -0.14253441806293132,
        -0.22661038926718177,
        -0.30487516982651586);
    values(result.hN(), Shape.of(1, 1, 1), -0.30487516982651586);
    gru.forward(x).sum().backward();
    values(
        x.grad(),
        new double[] {
          0.16899372380742522,
          -0.016758071130201196,
          0.12282937060398315,
          -0.0891028859557863,
          0.11639867533118692,
          -0.12808175395396154
        });
    grad(gru, "weight_hh_l0", 0.029164633499263445, -0.014376970148971789, -0.12303684984428959);
    grad(gru, "bias_ih_l0", -0.20016968767977242, 0.2722814833414293, 1.6362484015939733);
  }

  @Test
  void gruOfTwoLayersAndDirections() {
    GRU gru = filled(new GRU(1, 2, DEEP));
    GRU.Result result = gru.forwardWithState(wave(1, 2, 2, 1), wave(2, 4, 2, 2));
    values(
        result.output(),
        Shape.of(2, 2, 4),
        new double[] {
          0.6690798274487695, 0.7113401471256298, -0.7007679522769737, -0.7989054342280504,
          0.29697722080966893, 0.666893130914492, -0.6879420979947002, -0.9106274434547834,
          0.09660415937973159, 0.08161546462088931, -0.39764779005239537, -0.7599194351288548,
          -0.000843015410188247, 0.267815445991446, -0.4764965881216613, -0.5996573167624224
        });
    values(
        result.hN(),
        Shape.of(4, 2, 2),
        new double[] {
          -0.17622336638548416, -0.2189859248988094, -0.5410392716159975, -0.5376407938226435,
          0.1746437556281843, -0.18889735008427735, 0.07805175585127083, 0.1699985116218095,
          0.29697722080966893, 0.666893130914492, -0.000843015410188247, 0.267815445991446,
          -0.7007679522769737, -0.7989054342280504, -0.39764779005239537, -0.7599194351288548
        });
  }

  @Test
  void derivatives() {
    LSTM lstm = filled(new LSTM(1, 1, DEEP));
    Waves.gradients(
        lstm,
        in -> {
          LSTM.Result result = lstm.forwardWithState(in.get(0), in.get(1), in.get(2));
          return result.output().sum().add(result.cN().square().sum());
        },
        wave(1, 1, 2, 1),
        wave(2, 4, 1, 1),
        wave(3, 4, 1, 1));
    GRU gru = filled(new GRU(2, 1, PLAIN.withBias(false)));
    Waves.gradients(
        gru,
        in -> gru.forwardWithState(in.get(0), in.get(1)).output(),
        wave(1, 3, 1, 2),
        wave(2, 1, 1, 1));
  }

  @Test
  @DisplayName("MOD-4: state names in PyTorch's order")
  void stateNamesInPyTorchsOrder() {
    List<String> names = new ArrayList<>();
    for (String cell : List.of("l0", "l0_reverse", "l1", "l1_reverse")) {
      for (String kind : List.of("weight_ih_", "weight_hh_", "bias_ih_", "bias_hh_")) {
        names.add(kind + cell);
      }
    }
    assertEquals(names, List.copyOf(new LSTM(1, 2, DEEP).stateDict().keySet()));
    assertEquals(names, List.copyOf(new GRU(1, 2, DEEP).stateDict().keySet()));
    assertEquals(
        List.of("weight_ih_l0", "weight_hh_l0"),
        List.copyOf(new GRU(1, 2, PLAIN.withBias(false)).stateDict().keySet()));
    assertEquals(Shape.of(8, 4), new LSTM(1, 2, DEEP).stateDict().get("weight_ih_l1").shape());
    assertEquals(Shape.of(6, 2), new GRU(1, 2, DEEP).stateDict().get("weight_hh_l1").shape());
  }

  @Test
  void startsUniformInOneOverTheRootOfTheHiddenSize() {
    for (Parameter p : new LSTM(3, 16).parameters()) {
      double[] sizes = Arrays.stream(p.toDoubleArray()).map(Math::abs).sorted().toArray();
      assertTrue(sizes[sizes.length - 1] <= 0.25 && sizes[sizes.length - 1] > 0.22);
      assertEquals(0.125, Arrays.stream(sizes).average().orElseThrow(), 0.03);
    }
  }

  @Test
  void aSequenceWithoutBatch() {
    LSTM lstm = filled(new LSTM(2, 3, DEEP));
    Tensor x = wave(1, 4, 2);
    LSTM.Result single = lstm.forwardWithState(x, wave(2, 4, 3), wave(3, 4, 3));
    LSTM.Result batch = lstm.forwardWithState(x.unsqueeze(0), wave(2, 4, 1, 3), wave(3, 4, 1, 3));
    values(single.output(), Shape.of(4, 6), batch.output().toDoubleArray());
    values(single.hN(), Shape.of(4, 3), batch.hN().toDoubleArray());
    values(single.cN(), Shape.of(4, 3), batch.cN().toDoubleArray());
  }

  @Test
  void dropoutBetweenLayersInTrainingOnly() {
    GRU gru = filled(new GRU(2, 2, PLAIN.withNumLayers(2).withDropout(1)));
    Tensor x = wave(1, 3, 1, 2);
    double[] all = gru.forward(x.mul(2)).toDoubleArray();
    assertArrayEquals(all, gru.forward(x).toDoubleArray()); // nothing of layer 0 gets through
    gru.eval();
    GRU whole = filled(new GRU(2, 2, PLAIN.withNumLayers(2)));
    values(gru.forward(x), whole.forward(x).toDoubleArray());
  }

  @Test
  void text() {
    assertEquals("LSTM(3, 2)", new LSTM(3, 2).toString());
    assertEquals(
        "GRU(3, 2, num_layers=2, bias=False, batch_first=True, dropout=0.1, bidirectional=True)",
        new GRU(3, 2, new RecurrentOptions(2, false, true, 0.1, true)).toString());
  }

  @Test
  void mistakes() {
    LSTM lstm = new LSTM(3, 2);
    rejects(
        ShapeMismatchException.class,
        "LSTM: expected an input of shape [time, batch, 3], or without the batch, got [4, 1, 2]",
        () -> lstm.forward(Tensor.ones(4, 1, 2)));
    rejects(
        ShapeMismatchException.class,
        "GRU: expected an input of shape [batch, time, 3], or without the batch, got [3]",
        () -> new GRU(3, 2, DEEP).forward(Tensor.ones(3)));
    rejects(
        ShapeMismatchException.class,
        "LSTM: expected a sequence of 1 step or more, got shape [0, 1, 3]",
        () -> lstm.forward(Tensor.ones(0, 1, 3)));
    rejects(
        ShapeMismatchException.class,
        "LSTM: expected an initial state of shape [1, 5, 2], got [1, 4, 2]",
        () ->
            lstm.forwardWithState(
                Tensor.ones(4, 5, 3), Tensor.ones(1, 5, 2), Tensor.ones(1, 4, 2)));
    rejects(
        IllegalArgumentException.class,
        "recurrent layer: expected a num_layers of 1 or more, got 0",
        () -> PLAIN.withNumLayers(0));
    rejects(
        IllegalArgumentException.class,
        "recurrent layer: dropout has to be between 0 and 1, got 2.0",
        () -> PLAIN.withDropout(2));
  }
}
