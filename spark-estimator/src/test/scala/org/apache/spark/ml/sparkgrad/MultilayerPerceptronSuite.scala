package org.apache.spark.ml.sparkgrad

import io.sparkgrad.spark.{AutogradClassificationModel, AutogradClassifier}
import org.apache.spark.ml.classification.{LogisticRegression, LogisticRegressionSuite}
import org.apache.spark.ml.feature.LabeledPoint
import org.apache.spark.ml.linalg.{Vector, Vectors}
import org.apache.spark.ml.param.ParamMap
import org.apache.spark.ml.util._
import org.apache.spark.ml.util.TestingUtils._
import org.apache.spark.mllib.evaluation.MulticlassMetrics
import org.apache.spark.sql.{DataFrame, Row}

/** What Spark's MultilayerPerceptronClassifierSuite asks of its classifier, asked of ours. */
class MultilayerPerceptronSuite extends MLTest with DefaultReadWriteTest {
  import testImplicits._

  private lazy val xor: DataFrame = Seq(
    (Vectors.dense(0.0, 0.0), 0.0),
    (Vectors.dense(0.0, 1.0), 1.0),
    (Vectors.dense(1.0, 0.0), 1.0),
    (Vectors.dense(1.0, 1.0), 0.0)
  ).toDF("features", "label")

  /** Adam takes more steps than L-BFGS; the learning rate makes up for it. */
  private def solver(sizes: Int*): AutogradClassifier =
    Networks.fullBatch(sizes: _*).setLearningRate(0.1).setMaxIter(100)

  private lazy val xorModel: AutogradClassificationModel = solver(2, 5, 2).fit(xor)

  test("XOR is learned exactly, and streams are transformed as tables are") {
    testTransformer[(Vector, Double)](xor, xorModel, "prediction", "label") {
      case Row(p: Double, l: Double) => assert(p == l)
    }
  }

  test("a single prediction has the bits of transform") {
    xorModel.transform(xor).select("features", "prediction", "rawPrediction", "probability")
      .collect().foreach {
        case Row(features: Vector, prediction: Double, raw: Vector, probability: Vector) =>
          assert(prediction === xorModel.predict(features))
          assert(raw === xorModel.predictRaw(features))
          assert(probability === xorModel.predictProbability(features))
      }
  }

  test("probabilities are calibrated on the toy data") {
    val data = Seq(
      (Vectors.dense(1, 2, 3, 4), 0d, Vectors.dense(1d, 0d)),
      (Vectors.dense(4, 3, 2, 1), 1d, Vectors.dense(0d, 1d)),
      (Vectors.dense(1, 1, 1, 1), 0d, Vectors.dense(.5, .5)),
      (Vectors.dense(1, 1, 1, 1), 1d, Vectors.dense(.5, .5))
    ).toDF("features", "label", "expectedProbability")
    val model = solver(4, 5, 2).setMaxIter(1000).setSchedule("cosine").fit(data)
    testTransformer[(Vector, Double, Vector)](data, model, "probability", "expectedProbability") {
      case Row(p: Vector, e: Vector) => assert(p ~== e absTol 1e-3)
    }
    testPredictMethods(model, data)
  }

  /** As Spark's, which takes Spark's own model classes only: all ways to switch columns off. */
  private def testPredictMethods(model: AutogradClassificationModel, data: DataFrame): Unit = {
    val all = model.copy(ParamMap.empty)
      .setRawPredictionCol("rawPredictionAll")
      .setProbabilityCol("probabilityAll")
      .setPredictionCol("predictionAll")
      .transform(data.select("features"))
      .select("features", "rawPredictionAll", "probabilityAll", "predictionAll")
    for (raw <- Seq("", "raw"); probability <- Seq("", "prob"); prediction <- Seq("", "pred")) {
      val some = model.copy(ParamMap.empty)
        .setRawPredictionCol(raw)
        .setProbabilityCol(probability)
        .setPredictionCol(prediction)
      val schema = some.transform(all).schema
      assert(schema === some.transformSchema(all.schema))
      assert(schema.size === 4 + Seq(raw, probability, prediction).count(_.nonEmpty))
      testTransformer[(Vector, Vector, Vector, Double)](
        all,
        some,
        if (raw.isEmpty) "rawPredictionAll" else raw,
        "rawPredictionAll",
        if (probability.isEmpty) "probabilityAll" else probability,
        "probabilityAll",
        if (prediction.isEmpty) "predictionAll" else prediction,
        "predictionAll") {
        case Row(r: Vector, rAll: Vector, p: Vector, pAll: Vector, c: Double, cAll: Double) =>
          assert(r ~== rAll relTol 1e-3)
          assert(p ~== pAll relTol 1e-3)
          assert(c ~== cAll relTol 1e-3)
      }
    }
  }

  test("output columns say how long vectors are and how many classes there are") {
    val result = xorModel.transform(xor)
    checkVectorSizeOnDF(result, "rawPrediction", 2)
    checkVectorSizeOnDF(result, "probability", 2)
    checkNominalOnDF(result, "prediction", 2)
  }

  test("thresholds move the prediction") {
    val always = xorModel.copy(ParamMap.empty).setThresholds(1e-9, 1.0)
    testTransformer[(Vector, Double)](xor, always, "prediction") {
      case Row(p: Double) => assert(p === 0.0)
    }
    assert(always.predict(Vectors.dense(0.0, 1.0)) === 0.0)
    val never = xorModel.copy(ParamMap.empty).setThresholds(0.5, 0.5)
    testTransformer[(Vector, Double)](xor, never, "prediction", "label") {
      case Row(p: Double, l: Double) => assert(p === l)
    }
    val wrong = intercept[IllegalArgumentException] {
      xorModel.copy(ParamMap.empty).setThresholds(1.0, 1.0, 1.0).transform(xor).collect()
    }
    assert(wrong.getMessage.contains("thresholds"))
  }

  test("three classes with two hidden layers come near multinomial logistic regression") {
    val coefficients = Array(
      -0.57997, 0.912083, -0.371077, -0.819866, 2.688191,
      -0.16624, -0.84355, -0.048509, -0.301789, 4.170682)
    val mean = Array(5.843, 3.057, 3.758, 1.199)
    val variance = Array(0.6856, 0.1899, 3.116, 0.581)
    val data = LogisticRegressionSuite.generateMultinomialLogisticInput(
      coefficients, mean, variance, addIntercept = true, 1000, 1).toDS().toDF("label", "features")
    val model = solver(4, 5, 4, 3).setLearningRate(0.05).setMaxIter(200).fit(data)
    assert(model.numFeatures === 4)
    assert(model.numClasses === 3)
    val reference = new LogisticRegression().setMaxIter(100).fit(data).transform(data)
    val expected = confusion(reference.select("prediction", "label").collect().toSeq)
    testTransformerByGlobalCheckFunc[(Double, Vector)](data, model, "prediction", "label") {
      rows: Seq[Row] => assert(confusion(rows) ~== expected absTol 100)
    }
    val ours = confusion(model.transform(data).select("prediction", "label").collect().toSeq)
    val correct = (0 until 3).map(i => ours(i, i)).sum
    val correctOfReference = (0 until 3).map(i => expected(i, i)).sum
    // Spark's bound above holds for poor models too; this one does not.
    assert(correct >= correctOfReference - 30)
  }

  private def confusion(rows: Seq[Row]) =
    new MulticlassMetrics(sc.makeRDD(rows.map(r => (r.getDouble(0), r.getDouble(1)))))
      .confusionMatrix.asML

  test("the same start gives the same weights") {
    val start = solver(2, 5, 2).setMaxIter(1).fit(xor)
    val a = solver(2, 5, 2).setInitialModel(start).setMaxIter(3).fit(xor)
    val b = solver(2, 5, 2).setInitialModel(start).setMaxIter(3).fit(xor)
    assert(Networks.weights(a) === Networks.weights(b))
    assert(Networks.weights(a) !== Networks.weights(start))
  }

  test("vectors and arrays of double and float train the same model and predict the same") {
    val (vectors, doubles, floats) = MLTestingUtils.generateArrayFeatureDataset(xor)
    val models = Seq(vectors, doubles, floats).map(solver(2, 5, 2).setMaxIter(5).fit(_))
    models.tail.foreach(m => assert(Networks.weights(m) === Networks.weights(models.head)))
    val expected = models.head.transform(vectors).select("probability").collect()
    Seq(doubles, floats).foreach { d =>
      assert(models.head.transform(d).select("probability").collect() === expected)
    }
  }

  test("the summary has a loss for each epoch") {
    Seq(1, 5).foreach { epochs =>
      val summary = solver(2, 3, 2).setMaxIter(epochs).fit(xor).summary
      assert(summary.totalIterations === epochs)
      assert(summary.objectiveHistory.length === epochs)
    }
  }

  private lazy val points: DataFrame =
    LogisticRegressionSuite.generateLogisticInput(1.0, 1.0, nPoints = 200, seed = 7).toDF()

  private def near(a: AutogradClassificationModel, b: AutogradClassificationModel): Unit =
    Networks.weights(a).foreach { case (name, values) =>
      values.zip(Networks.weights(b)(name)).foreach {
        case (x, y) => assert(x.toDouble ~== y.toDouble absTol 1e-3)
      }
    }

  test("a weight counts as often as the row itself would") {
    MLTestingUtils.testOversamplingVsWeighting[AutogradClassificationModel, AutogradClassifier](
      points.as[LabeledPoint], Networks.fullBatch(1, 2).setMaxIter(20), near, 7L)
  }

  test("weights that are all scaled alike change nothing") {
    MLTestingUtils.testArbitrarilyScaledWeights[AutogradClassificationModel, AutogradClassifier](
      points.as[LabeledPoint], Networks.fullBatch(1, 2).setMaxIter(20), near)
  }

  test("outliers of small weight change little") {
    def predictsAlike(a: AutogradClassificationModel, b: AutogradClassificationModel): Unit = {
      val both = Seq(a, b).map(_.transform(points).select("prediction").collect().toSeq)
      assert(both.head.zip(both.last).count { case (x, y) => x == y } >= 190)
    }
    MLTestingUtils.testOutliersWithSmallWeights[AutogradClassificationModel, AutogradClassifier](
      points.as[LabeledPoint],
      Networks.fullBatch(1, 2).setLearningRate(0.1).setMaxIter(100),
      2,
      predictsAlike,
      outlierRatio = 3)
  }
}
