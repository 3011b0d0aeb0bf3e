package djinn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import djinn.export.Exporter;
import djinn.export.trace.DynamicAxis;
import djinn.golden.Formula;
import djinn.ops.PyTorch;
import djinn.ops.Randomness;
import djinn.ops.Scalars;
import djinn.ops.ScriptModule;
import djinn.ops.TransposedConvolution.Geometry;
import djinn.zoo.ConvNeXt;
import djinn.zoo.ModelEntry;
import djinn.zoo.Models;
import djinn.zoo.SwinTransformer;
import djinn.zoo.VisionTransformer;
import djinn.zoo.detection.Detector;
import djinn.zoo.detection.DetectorPart;
import djinn.zoo.detection.Detectors;
import djinn.zoo.detection.ProposingDetector;
import djinn.zoo.detection.Rcnn;
import djinn.zoo.detection.YoloV1;
import djinn.zoo.generative.ConvAutoencoder;
import djinn.zoo.generative.ConvDecoder;
import djinn.zoo.generative.ConvVae;
import djinn.zoo.generative.CycleGan;
import djinn.zoo.generative.Dcgan;
import djinn.zoo.generative.DiffusionUNet;
import djinn.zoo.generative.Gan;
import djinn.zoo.generative.GanNetworks;
import djinn.zoo.generative.GatedPixelCnn;
import djinn.zoo.generative.ImageCoder;
import djinn.zoo.generative.LineGenerator;
import djinn.zoo.generative.MlpGan;
import djinn.zoo.generative.PatchDiscriminator;
import djinn.zoo.generative.Pix2PixUNet;
import djinn.zoo.generative.PixelCnn;
import djinn.zoo.generative.PixelLikelihood;
import djinn.zoo.generative.PixelRnn;
import djinn.zoo.generative.PointCritic;
import djinn.zoo.generative.PointGan;
import djinn.zoo.generative.PointGenerator;
import djinn.zoo.generative.ResnetGenerator;
import djinn.zoo.generative.SmallGan;
import djinn.zoo.generative.Sngan;
import djinn.zoo.generative.WganCritic;
import djinn.zoo.language.BagOfWords;
import djinn.zoo.language.Bert;
import djinn.zoo.language.BertEncoder;
import djinn.zoo.language.BertScorer;
import djinn.zoo.language.Cell;
import djinn.zoo.language.Gpt;
import djinn.zoo.language.RecurrentLanguageModel;
import djinn.zoo.language.RecurrentScorer;
import djinn.zoo.language.RecurrentTranslator;
import djinn.zoo.language.TextCnn;
import djinn.zoo.language.Transformer;
import djinn.zoo.language.TransformerScorer;
import djinn.zoo.language.WordVectors;
import djinn.zoo.nn.AvgPool2d;
import djinn.zoo.nn.Cbam;
import djinn.zoo.nn.ConvTranspose2d;
import djinn.zoo.nn.DeformConv2d;
import djinn.zoo.nn.DeformConv2dPack;
import djinn.zoo.nn.DropConnect;
import djinn.zoo.nn.GroupNorm;
import djinn.zoo.nn.Gru;
import djinn.zoo.nn.InstanceNorm2d;
import djinn.zoo.nn.LocalResponseNorm;
import djinn.zoo.nn.Lstm;
import djinn.zoo.nn.MaxUnpooling;
import djinn.zoo.nn.MultiheadAttention;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.NonLocal;
import djinn.zoo.nn.PRelu;
import djinn.zoo.nn.Pass;
import djinn.zoo.nn.PathAggregation;
import djinn.zoo.nn.PixelShuffle;
import djinn.zoo.nn.Recurrent;
import djinn.zoo.nn.ReflectionPad2d;
import djinn.zoo.nn.RegionOfInterest;
import djinn.zoo.nn.RelativePositions;
import djinn.zoo.nn.Rnn;
import djinn.zoo.nn.SelfAttention2d;
import djinn.zoo.nn.SpatialDropout;
import djinn.zoo.nn.SpatialPyramidPool;
import djinn.zoo.nn.SpectralNorm;
import djinn.zoo.nn.TransformerConfig;
import djinn.zoo.nn.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every block that Djinn has exports, beside the registered models, which {@link OnnxZooTest} goes over. */
class BlocksExportTest {

    private static final TransformerConfig NARROW = TransformerConfig.of(8, 2, 16);

    @TempDir
    private Path folder;

    private final NDManager manager = PyTorch.newManager();

    @AfterEach
    void close() {
        manager.close();
    }

    /** What is done by functions, as a block. */
    private static final class Functions extends NamedBlock {
        private final Function<NDList, NDArray> function;

        Functions(Function<NDList, NDArray> function) {
            this.function = function;
        }

        @Override
        protected NDList forward(NDList inputs, Pass pass) {
            return new NDList(function.apply(inputs));
        }
    }

    /** A block with its example. */
    private record Case(NamedBlock block, NDList inputs) {}

    private Case given(NamedBlock block, long... shape) {
        return given(block, new Shape(shape));
    }

    private Case given(NamedBlock block, Shape... shapes) {
        NDList inputs = new NDList();
        for (Shape shape : shapes) {
            inputs.add(Formula.input(manager, "x" + inputs.size(), shape));
        }
        return new Case(block, inputs);
    }

    private Case tokens(NamedBlock block, int inputs) {
        NDList tokens = new NDList();
        for (int i = 0; i < inputs; i++) {
            tokens.add(manager.create(new long[] {0, 3, 6, 3, 1, 2}, new Shape(2, 3)));
        }
        return new Case(block, tokens);
    }

    /** Tokens, and padding behind those of the second text. */
    private Case padded(NamedBlock block, int inputs) {
        Case given = tokens(block, inputs);
        given.inputs.add(manager.create(new long[] {0, 0, 0, 0, 1, 1}, new Shape(2, 3)));
        return given;
    }

    private Map<String, Case> cases() {
        Map<String, Case> cases = new LinkedHashMap<>();
        Shape image = new Shape(2, 8, 6, 7);
        Shape sequence = new Shape(2, 5, 8);
        cases.put("AvgPool2d", given(new AvgPool2d(3, 2, 1, true, false), image));
        cases.put("Cbam", given(new Cbam(8, 4, 7), image));
        cases.put("ConvTranspose2d", given(new ConvTranspose2d(8, 6, 3, new Geometry(2, 1, 1, 1, 2)), image));
        cases.put(
                "DeformConv2d",
                given(
                        new DeformConv2d(8, 3, Window.of(3).padding(1)),
                        image,
                        new Shape(2, 18, 6, 7),
                        new Shape(2, 9, 6, 7)));
        cases.put("DeformConv2dPack", given(new DeformConv2dPack(8, 3, Window.of(3), true), image));
        cases.put("DropConnect", given(new DropConnect(8, 3, .5), 2, 8));
        cases.put("GroupNorm", given(new GroupNorm(2, 8), image));
        cases.put("InstanceNorm2d", given(new InstanceNorm2d(8, 1e-5, true), image));
        cases.put("NonLocal", given(new NonLocal(8, 4), image));
        cases.put("PRelu", given(new PRelu(8), image));
        cases.put("PixelShuffle", given(new PixelShuffle(2), image));
        cases.put("SelfAttention2d", given(new SelfAttention2d(8), image));
        cases.put("SpatialDropout", given(new SpatialDropout(.5), image));
        cases.put("SpatialPyramidPool", given(new SpatialPyramidPool(4, 2, 1), image));
        cases.put(
                "MaxUnpooling",
                given(
                        new Functions(x -> {
                            MaxUnpooling.Pooled pooled = MaxUnpooling.pool(x.head(), 2, 2, 0);
                            return MaxUnpooling.unpool(pooled.values(), pooled.indices(), 6, 8);
                        }),
                        2,
                        3,
                        6,
                        8));

        cases.put("LocalResponseNorm", given(new LocalResponseNorm(5), image));

        cases.put("Rnn", given(new Rnn(Recurrent.Config.of(8, 3, 2)), sequence));
        cases.put("Gru", given(new Gru(Recurrent.Config.of(8, 3, 2)), sequence));
        cases.put("Lstm", given(new Lstm(new Recurrent.Config(8, 3, 1, true, 0)), sequence));
        cases.put("MultiheadAttention", given(new MultiheadAttention(8, 2), sequence, sequence, sequence));
        cases.put("RelativePositions", given(new RelativePositions(2, 4), sequence, sequence));
        cases.put("Transformer", given(new Transformer(NARROW, 1, 1), sequence, new Shape(2, 3, 8)));
        cases.put("Translator", tokens(new Transformer.Translator(7, NARROW, 1), 2));
        cases.put("TextEncoder", tokens(new Transformer.TextEncoder(7, 4, NARROW, 1), 1));
        cases.put("LanguageModel", tokens(new Transformer.LanguageModel(7, 4, NARROW, 1), 1));
        for (Gpt.Positions positions : Gpt.Positions.values()) {
            Gpt.Config config = new Gpt.Config(7, 4, 1, 2, 8, 0, true, Gpt.Activation.GELU, positions);
            cases.put("Gpt of positions " + positions, tokens(new Gpt(config), 1));
        }

        Shape grey = new Shape(2, 1, 4, 5);
        Shape colour = new Shape(2, 3, 4, 5);
        cases.put("PixelCnn", given(new PixelCnn(new PixelCnn.Config(3, 2, 6, 1, 6)), colour));
        cases.put("PixelRnn", given(new PixelRnn(new PixelRnn.Config(3, 2, 6, 1, 6)), colour));
        cases.put("GatedPixelCnn", given(new GatedPixelCnn(new GatedPixelCnn.Config(1, 4, 6, 2, 7, 3, 6, 0)), grey));
        Case classes = given(new GatedPixelCnn(new GatedPixelCnn.Config(3, 2, 6, 2, 5, 3, 6, 4)), colour);
        classes.inputs.add(manager.create(new long[] {3, 1}));
        cases.put("GatedPixelCnn of classes", classes);

        cases.put("BagOfWords", padded(new BagOfWords(new BagOfWords.Config(7, 4, 3, 0)), 1));
        cases.put("TextCnn", padded(new TextCnn(new TextCnn.Config(7, 4, List.of(2, 3), 5, 3, 0)), 1));
        for (Cell cell : Cell.values()) {
            cases.put(
                    "RecurrentScorer " + cell,
                    padded(new RecurrentScorer(new RecurrentScorer.Config(cell, 7, 4, 4, 2, 3, 0)), 1));
            cases.put(
                    "RecurrentLanguageModel " + cell,
                    tokens(
                            new RecurrentLanguageModel(new RecurrentLanguageModel.Config(cell, 7, 4, 6, 2, 0, true)),
                            1));
        }
        BertEncoder.Config bert = new BertEncoder.Config(7, 4, 1, 2, 8, 16, 0);
        cases.put("Bert", tokens(new Bert(bert), 1));
        cases.put("Bert of padded texts", padded(new Bert(bert), 1));
        cases.put("BertEncoder", padded(new BertEncoder(bert), 1));
        cases.put("BertScorer", padded(new BertScorer(new BertScorer.Config(bert, 3)), 1));
        cases.put(
                "TransformerScorer",
                padded(new TransformerScorer(new TransformerScorer.Config(7, 4, NARROW, 1, 3)), 1));
        for (RecurrentTranslator.Score score : RecurrentTranslator.Score.values()) {
            cases.put(
                    "RecurrentTranslator " + score,
                    padded(
                            new RecurrentTranslator(
                                    new RecurrentTranslator.Config(Cell.LSTM, 7, 7, 4, 6, 2, score, 0, true, true, 0)),
                            2));
        }
        cases.put("WordVectors", tokens(new WordVectors(7, 4), 2));

        Dcgan.Config dcgan = new Dcgan.Config(1, 8, 5, 4);
        cases.put("Dcgan.Generator", given(new Dcgan.Generator(dcgan), 2, 5));
        cases.put("Dcgan.Discriminator", given(new Dcgan.Discriminator(dcgan), 2, 1, 8, 8));
        cases.put("WganCritic", given(new WganCritic(dcgan), 2, 1, 8, 8));
        cases.put("CycleGan", given(new CycleGan(3, 4, 1), 2, 3, 8, 8));
        cases.put("ResnetGenerator", given(new ResnetGenerator(new ResnetGenerator.Config(3, 2, 4, 1)), 2, 3, 8, 12));
        for (boolean batchNorm : new boolean[] {false, true}) {
            cases.put(
                    "PatchDiscriminator, batch norm " + batchNorm,
                    given(
                            new PatchDiscriminator(new PatchDiscriminator.Config(3, 4, 2, batchNorm)),
                            new Shape(2, 3, 12, 13)));
            cases.put(
                    "Pix2PixUNet, batch norm " + batchNorm,
                    given(new Pix2PixUNet(new Pix2PixUNet.Config(3, 2, 2, 5, batchNorm, .5)), new Shape(2, 3, 64, 64)));
        }
        cases.put("ReflectionPad2d", given(new ReflectionPad2d(3), image));
        cases.put(
                "SpectralNorm of a convolution",
                given(SpectralNorm.conv2d(8, 4, Window.of(3).padding(1)), image));
        cases.put("SpectralNorm of a linear layer", given(SpectralNorm.linear(8, 3, true), sequence));
        MlpGan.Config mlpGan = new MlpGan.Config(new Shape(1, 4, 4), 5, 8, 4, 2, .2, .5);
        cases.put("MlpGan.Generator", given(new MlpGan.Generator(mlpGan), 2, 5));
        cases.put("MlpGan.Discriminator", given(new MlpGan.Discriminator(mlpGan), 2, 1, 4, 4));
        ImageCoder.Config coder = new ImageCoder.Config(1, 8, 3, 4, 6, PixelLikelihood.BERNOULLI);
        cases.put("ConvVae", given(new ConvVae(coder), 2, 1, 8, 8));
        cases.put("ConvVae.Encoder", given(new ConvVae.Encoder(coder), 2, 1, 8, 8));
        cases.put("ConvDecoder", given(new ConvDecoder(coder), 2, 3));
        cases.put("ConvAutoencoder", given(new ConvAutoencoder(coder), 2, 1, 8, 8));
        for (int told : new int[] {0, 3}) {
            Case noisy =
                    given(new DiffusionUNet(new DiffusionUNet.Config(1, 8, 4, List.of(1, 2), 1, told, 0)), 2, 1, 8, 8);
            noisy.inputs.add(manager.create(new long[] {0, 37}));
            if (told > 0) {
                noisy.inputs.add(manager.create(new long[] {2, 0}));
            }
            cases.put("DiffusionUNet of " + told + " classes", noisy);
        }
        for (String name : List.of(
                "yolov2",
                "yolov3",
                "yolov3_tiny",
                "yolov4",
                "yolov5n",
                "retinanet",
                "fcos",
                "ssd",
                "mobilenet_ssd",
                "ssdlite",
                "fastestdet")) {
            cases.put(name, given(Detectors.named(name).build(2), 2, 3, 64, 64));
        }
        for (String name : List.of(
                "faster_rcnn",
                "fasterrcnn_mobilenet_v3_large_fpn",
                "mask_rcnn",
                "cascade_rcnn",
                "softer_rcnn",
                "relation_rcnn",
                "relation_rcnn_learned_nms")) {
            cases.put(name, given(Detectors.named(name).build(2), 1, 3, 64, 64));
        }
        for (String name : List.of("fast_rcnn", "fast_rcnn_vgg16")) {
            NDList inputs = given(Detectors.named(name).build(2), 1, 3, 64, 64).inputs;
            float[] regions = {0, 3, 5, 40, 31, 0, 0, 0, 64, 64, 0, 20.5f, 9, 28, 60};
            inputs.add(manager.create(regions, new Shape(3, 5)));
            cases.put(name, new Case(Detectors.named(name).build(2), inputs));
        }
        ProposingDetector inParts =
                (ProposingDetector) Detectors.named("faster_rcnn").build(2);
        cases.put("faster_rcnn, first", given(inParts.parts(64, 64).get(0), 1, 3, 64, 64));
        cases.put("yolov1", given(new YoloV1(new YoloV1.Config(2, 64, 8)), 2, 3, 64, 64));
        cases.put(
                "PathAggregation",
                given(new PathAggregation(4, 3), new Shape(2, 4, 9, 12), new Shape(2, 4, 5, 6), new Shape(2, 4, 3, 3)));
        cases.put("SmallGan", given(new SmallGan(new SmallGan.Config(1, 8, 5, 4)), 2, 5));
        GanNetworks networks = new GanNetworks.Perceptrons();
        GanNetworks.Extents extents = new GanNetworks.Extents(1, 8, 4, 20);
        Sngan.Config sngan = new Sngan.Config(1, 8, 4, 3);
        cases.put("Sngan.Generator", given(new Sngan.Generator(sngan), 2, 4));
        cases.put("Sngan.Discriminator", given(new Sngan.Discriminator(sngan), 2, 1, 8, 8));
        PointCritic critic = new PointCritic(new PointCritic.Config(4, 2, 4));
        cases.put(
                "PointGan", given(new PointGan(new PointGenerator(new PointGenerator.Config(5, 4, 2)), critic), 2, 5));
        cases.put("LineGenerator", given(new LineGenerator(.5), 2, 1));
        cases.put("Gan", given(new Gan(networks, networks, extents, 0), 2, 4));
        cases.put(
                "Gan, conditional",
                new Case(
                        new Gan(new GanNetworks.Small(), new GanNetworks.Small(), extents, 3),
                        new NDList(Formula.input(manager, "x", new Shape(2, 4)), manager.create(new long[] {2, 0}))));
        return cases;
    }

    /** Boxes of both images, one of them smaller than a pixel and one that leaves the image. */
    private Case boxes(Function<NDList, NDArray> function) {
        NDList inputs = new NDList(
                Formula.input(manager, "x", new Shape(2, 3, 8, 9)),
                manager.create(
                        new float[] {0, 1, 2.5f, 12, 9, 1, 0, .5f, 17, 14, 1, 3, 3, 3.5f, 3.25f, 0, -4, 5, 25, 11},
                        new Shape(4, 5)));
        return new Case(new Functions(function), inputs);
    }

    @TestFactory
    Stream<DynamicTest> regionsOfInterestAreOnnxsOwnOperation() {
        Map<String, Function<NDList, NDArray>> functions = new LinkedHashMap<>();
        for (int samples : new int[] {0, 2}) {
            for (boolean aligned : new boolean[] {false, true}) {
                functions.put(
                        "RoiAlign, samples " + samples + ", aligned " + aligned,
                        x -> RegionOfInterest.align(x.get(0), x.get(1), 3, 2, .5, samples, aligned));
            }
        }
        // half of the boxes are of each level
        functions.put(
                "RoiAlign, levels",
                x -> RegionOfInterest.alignLevels(new NDList(x.get(0), x.get(0)), x.get(1), List.of(2, 4), 3, 2, 40));
        functions.put("MaxRoiPool", x -> RegionOfInterest.pool(x.get(0), x.get(1), 3, 2, .5));
        return functions.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> {
                    exports(
                            boxes(each.getValue()),
                            new DynamicAxis("batch", 0, List.of(2L, 5L, 3L)).ofInput(0),
                            new DynamicAxis("boxes", 0, List.of(3L, 4L, 7L)).ofInput(1));
                    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("block.onnx")));
                    assertThat(model.getGraph().getNodeList())
                            .extracting(NodeProto::getOpType)
                            .contains(each.getKey().split(",", -1)[0]);
                    assertThat(model.getGraph().getInputList())
                            .extracting(input -> input.getType()
                                    .getTensorType()
                                    .getShape()
                                    .getDim(0)
                                    .getDimParam())
                            .containsExactly("batch", "boxes");
                }));
    }

    /** Boxes whose sides are a level's least but for the last bits of a float; one map is three times the other. */
    @Test
    void theEngineAndOnnxCutABoxOutOfTheSameMap() {
        int count = 256;
        float[] boxes = new float[5 * count];
        for (int i = 0; i < count; i++) {
            // around 20 * 2^-1e-6, below which a box is of the first level
            double side = 20 * Math.pow(2, -1e-6 + (i - count / 2) * 2e-8);
            boxes[5 * i + 1] = i % 7;
            boxes[5 * i + 2] = i % 5;
            boxes[5 * i + 3] = (float) (i % 7 + side);
            boxes[5 * i + 4] = (float) (i % 5 + side);
        }
        NDList inputs = new NDList(
                Formula.input(manager, "x", new Shape(1, 3, 16, 16)), manager.create(boxes, new Shape(count, 5)));
        exports(
                new Case(
                        new Functions(x -> RegionOfInterest.alignLevels(
                                new NDList(x.get(0), Scalars.mul(x.get(0), 3)), x.get(1), List.of(2, 4), 3, 2, 80)),
                        inputs),
                new DynamicAxis("boxes", 0, List.of(3L, 4L, 7L)).ofInput(1));
    }

    @Test
    void theDividedWeightIsWhatAnExportOfSpectralNormHolds() throws Exception {
        SpectralNorm layer = SpectralNorm.conv2d(8, 4, Window.of(3));
        exports(given(layer, 2, 8, 6, 7), DynamicAxis.BATCH);
        ModelProto model = ModelProto.parseFrom(Files.readAllBytes(folder.resolve("block.onnx")));
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .containsExactly("Conv");
        assertThat(model.getGraph().getInitializerList()).hasSize(2);
    }

    @TestFactory
    Stream<DynamicTest> everyBlockExports() {
        return cases().entrySet().stream()
                .map(each ->
                        DynamicTest.dynamicTest(each.getKey(), () -> exports(each.getValue(), open(each.getValue()))));
    }

    /** What a pass makes is freed with its inputs: what stayed with the weights would stay as long as the model. */
    @TestFactory
    Stream<DynamicTest> everyBlockLeavesNothingWithItsWeights() {
        Map<String, Case> cases = cases();
        // the registered models' own blocks with parameters of their own
        cases.put(
                "VisionTransformer",
                given(new VisionTransformer(new VisionTransformer.Config(3, 4, 16, 8, 1, 2, 8, 16, 0)), 2, 3, 16, 16));
        cases.put(
                "SwinTransformer",
                given(
                        new SwinTransformer(
                                new SwinTransformer.Config(3, 4, 8, List.of(2, 1, 1, 1), List.of(1, 2, 2, 2), 2, 0)),
                        2,
                        3,
                        64,
                        64));
        cases.put(
                "ConvNeXt",
                given(
                        new ConvNeXt(new ConvNeXt.Config(3, 4, List.of(1, 1, 1, 1), List.of(4, 4, 4, 4), 0)),
                        2,
                        3,
                        32,
                        32));
        return cases.entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> leavesNothing(each.getValue())));
    }

    private void leavesNothing(Case given) {
        Randomness.seed(1);
        try (NDManager weights = PyTorch.newManager()) {
            given.block.initialize(weights);
            int before = 0;
            for (int i = 0; i < 3; i++) {
                given.block.forward(
                        new ParameterStore(manager, false),
                        given.inputs,
                        i < 2 && !(given.block instanceof DetectorPart));
                int after = weights.getManagedArrays().size();
                // tables may be made once
                if (i > 0) {
                    assertThat(after).as("arrays after pass %d", i).isEqualTo(before);
                }
                before = after;
            }
        }
    }

    private static DynamicAxis[] open(Case given) {
        boolean any = !(given.block instanceof DetectorPart)
                && (!(given.block instanceof Detector detector) || detector.tracesBatches());
        return any ? new DynamicAxis[] {DynamicAxis.BATCH} : new DynamicAxis[0];
    }

    @Test
    @Tag("slow")
    void ssd300Exports() {
        exports(given(Detectors.named("ssd300_vgg16").build(2), 2, 3, 300, 300), DynamicAxis.BATCH);
    }

    private void exports(Case given, DynamicAxis... open) {
        Randomness.seed(1);
        given.block.initialize(manager);
        OnnxZooTest.vary(given.block, manager);
        Exporter.Settings settings = Exporter.Settings.DEFAULT.withOpen(open).withCheck(Exporter.Check.EXAMPLE);
        assertThat(Exporter.write(given.block, given.inputs, folder.resolve("block.onnx"), settings)
                        .difference())
                .isPresent();
        Path script = folder.resolve("block.pt");
        Exporter.write(given.block, given.inputs, script, settings);
        NDArray expected = given.block
                .forward(new ParameterStore(manager, false), given.inputs, false)
                .head();
        try (ScriptModule module = ScriptModule.load(manager, script)) {
            NDArray difference = module.forward(given.inputs).head().sub(expected);
            assertThat(difference.abs().max().getFloat())
                    .isLessThanOrEqualTo(1e-5f * expected.abs().max().getFloat());
        }
    }

    private static void collect(Block block, Set<String> seen) {
        seen.add(block.getClass().getName());
        block.getChildren().values().forEach(child -> collect(child, seen));
    }

    @Test
    void noBlockIsLeftOut() {
        Set<String> seen = new HashSet<>();
        Models.all().stream().map(ModelEntry::build).forEach(model -> collect(model, seen));
        cases().values().forEach(each -> collect(each.block, seen));
        Set<String> missing = new TreeSet<>();
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("djinn.zoo").stream()
                        .filter(type -> type.isAssignableTo(Block.class))
                        .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC)
                                && !type.getModifiers().contains(JavaModifier.ABSTRACT))
                        .map(JavaClass::getName)
                        .filter(name -> !seen.contains(name))
                        .forEach(missing::add);
        // it looks at some regions at a time, as often as there are such, and says so
        assertThat(missing).containsExactly(Rcnn.class.getName());
    }
}
