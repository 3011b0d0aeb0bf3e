package djinn.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import djinn.ops.PyTorch;
import djinn.zoo.nn.ArrayBlock;
import djinn.zoo.weights.KeyMap;
import djinn.zoo.weights.NameFit;
import djinn.zoo.weights.Preference;
import djinn.zoo.weights.StateDict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The keys that other libraries give a model, written out from their structure, must land on the model's own. */
class KeyMapsOfModelsTest {

    /** A checkpoint's keys; arrays whose shape no rule changes are told apart by one value. */
    private static final class Keys {

        private final Map<String, Shape> shapes = new LinkedHashMap<>();

        Keys array(String name, long... shape) {
            assertThat(shapes.put(name, new Shape(shape))).as(name).isNull();
            return this;
        }

        /** A weight and a bias. */
        Keys linear(String name) {
            return array(name + ".weight", 1).array(name + ".bias", 1);
        }

        Keys norm(String name) {
            return linear(name)
                    .array(name + ".running_mean", 1)
                    .array(name + ".running_var", 1)
                    .array(name + ".num_batches_tracked");
        }

        /** A convolution without bias and a batch norm. */
        Keys convNorm(String conv, String norm) {
            return array(conv + ".weight", 1).norm(norm);
        }
    }

    /**
     * A model, a style and what must come out.
     *
     * @param entry whose key maps are tried
     * @param style the one that must fit
     * @param model as the entry builds it, or narrower
     * @param keys the other library's
     * @param places where some of them go, worked out by hand
     */
    private record Case(String entry, String style, ArrayBlock model, Keys keys, Map<String, String> places) {

        KeyMap keyMap() {
            return Models.named(entry).keyMaps().stream()
                    .filter(map -> map.style().equals(style))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<Case> cases() {
        return List.of(
                new Case(
                        "densenet121",
                        "legacy torchvision",
                        Models.named("densenet121").build(),
                        legacyDenseNet(List.of(6, 12, 24, 16)),
                        Map.of(
                                "features.denseblock1.denselayer1.norm.1.weight",
                                "features.denseblock1.denselayer1.norm1.weight",
                                "features.denseblock4.denselayer16.conv.2.weight",
                                "features.denseblock4.denselayer16.conv2.weight",
                                "features.transition1.norm.bias",
                                "features.transition1.norm.bias",
                                "features.denseblock3.denselayer24.norm.2.running_var",
                                "features.denseblock3.denselayer24.norm2.running_var")),
                new Case(
                        "mobilenet_v2",
                        "timm",
                        Models.named("mobilenet_v2").build(),
                        mobile(List.of(1, 2, 3, 4, 3, 3, 1), Set.of())
                                .convNorm("conv_head", "bn2")
                                .linear("classifier"),
                        Map.of(
                                "conv_stem.weight", "features.0.0.weight",
                                "bn1.running_mean", "features.0.1.running_mean",
                                "blocks.0.0.conv_pw.weight", "features.1.conv.1.weight",
                                "blocks.0.0.bn2.bias", "features.1.conv.2.bias",
                                // four blocks are before stage 2, in positions 1 to 3 with that of stage 0
                                "blocks.2.0.conv_dw.weight", "features.4.conv.1.0.weight",
                                "blocks.3.3.bn1.weight", "features.10.conv.0.1.weight",
                                "blocks.5.2.conv_pwl.weight", "features.16.conv.2.weight",
                                "blocks.6.0.bn3.weight", "features.17.conv.3.weight",
                                "bn2.weight", "features.18.1.weight",
                                "classifier.bias", "classifier.1.bias")),
                new Case(
                        "mobilenet_v3_large",
                        "timm",
                        Models.named("mobilenet_v3_large").build(),
                        mobile(List.of(1, 2, 3, 4, 2, 3), Set.of(2, 4, 5))
                                .convNorm("blocks.6.0.conv", "blocks.6.0.bn1")
                                .array("conv_head.weight", 1280, 960, 1, 1)
                                .array("conv_head.bias", 1280)
                                .linear("classifier"),
                        Map.of(
                                "blocks.0.0.conv_dw.weight", "features.1.block.0.0.weight",
                                "blocks.0.0.conv_pw.weight", "features.1.block.1.0.weight",
                                "blocks.1.1.conv_pwl.weight", "features.3.block.2.0.weight",
                                "blocks.2.0.se.conv_reduce.bias", "features.4.block.2.fc1.bias",
                                "blocks.2.0.conv_pwl.weight", "features.4.block.3.0.weight",
                                "blocks.3.3.bn3.weight", "features.10.block.2.1.weight",
                                "blocks.5.2.bn3.bias", "features.15.block.3.1.bias",
                                "blocks.6.0.bn1.weight", "features.16.1.weight",
                                "conv_head.weight", "classifier.0.weight",
                                "classifier.weight", "classifier.3.weight")),
                new Case(
                        "mobilenet_v3_small",
                        "timm",
                        Models.named("mobilenet_v3_small").build(),
                        mobile(List.of(1, 2, 3, 2, 3), Set.of(0, 2, 3, 4))
                                .convNorm("blocks.5.0.conv", "blocks.5.0.bn1")
                                .array("conv_head.weight", 1024, 576, 1, 1)
                                .array("conv_head.bias", 1024)
                                .linear("classifier"),
                        Map.of(
                                "blocks.0.0.se.conv_expand.weight", "features.1.block.1.fc2.weight",
                                "blocks.0.0.bn2.weight", "features.1.block.2.1.weight",
                                "blocks.1.0.bn2.weight", "features.2.block.1.1.weight",
                                "blocks.4.2.conv_dw.weight", "features.11.block.1.0.weight",
                                "blocks.5.0.conv.weight", "features.12.0.weight",
                                "conv_head.bias", "classifier.0.bias")),
                new Case(
                        "efficientnet_b0",
                        "timm",
                        Models.named("efficientnet_b0").build(),
                        mobile(List.of(1, 2, 2, 3, 3, 4, 1), Set.of(0, 1, 2, 3, 4, 5, 6))
                                .convNorm("conv_head", "bn2")
                                .linear("classifier"),
                        Map.of(
                                "bn1.weight", "features.0.1.weight",
                                "blocks.0.0.se.conv_reduce.weight", "features.1.0.block.1.fc1.weight",
                                "blocks.0.0.bn2.weight", "features.1.0.block.2.1.weight",
                                "blocks.1.1.bn1.weight", "features.2.1.block.0.1.weight",
                                "blocks.5.3.se.conv_expand.bias", "features.6.3.block.2.fc2.bias",
                                "blocks.6.0.conv_pwl.weight", "features.7.0.block.3.0.weight",
                                "conv_head.weight", "features.8.0.weight",
                                "bn2.running_var", "features.8.1.running_var",
                                "classifier.weight", "classifier.1.weight")),
                new Case(
                        "mnasnet1_0",
                        "timm",
                        Models.named("mnasnet1_0").build(),
                        mobile(List.of(1, 3, 3, 3, 2, 4, 1), Set.of())
                                .convNorm("conv_head", "bn2")
                                .linear("classifier"),
                        Map.of(
                                "conv_stem.weight", "layers.0.weight",
                                "blocks.0.0.conv_dw.weight", "layers.3.weight",
                                "blocks.0.0.bn2.weight", "layers.7.weight",
                                "blocks.1.2.bn2.weight", "layers.8.2.layers.4.weight",
                                "blocks.5.3.conv_pwl.weight", "layers.12.3.layers.6.weight",
                                "blocks.6.0.bn3.weight", "layers.13.0.layers.7.weight",
                                "bn2.bias", "layers.15.bias",
                                "classifier.weight", "classifier.1.weight")),
                new Case(
                        "regnet_y_400mf",
                        "timm",
                        Models.named("regnet_y_400mf").build(),
                        regNet(List.of(1, 3, 6, 6)),
                        Map.of(
                                "stem.bn.weight", "stem.1.weight",
                                "s1.b1.downsample.conv.weight", "trunk_output.block1.block1-0.proj.0.weight",
                                "s2.b3.conv2.bn.bias", "trunk_output.block2.block2-2.f.b.1.bias",
                                "s3.b6.se.fc2.weight", "trunk_output.block3.block3-5.f.se.fc2.weight",
                                "s4.b1.conv3.conv.weight", "trunk_output.block4.block4-0.f.c.0.weight",
                                "head.fc.bias", "fc.bias")),
                new Case(
                        "convnext_tiny",
                        "timm",
                        narrowConvNeXt(),
                        timmConvNeXt(List.of(3, 3, 9, 3), List.of(4, 6, 8, 10)),
                        Map.of(
                                "stem.1.weight", "features.0.1.weight",
                                "stages.0.blocks.2.norm.bias", "features.1.2.block.2.bias",
                                "stages.1.downsample.0.weight", "features.2.0.weight",
                                "stages.2.blocks.8.gamma", "features.5.8.layer_scale",
                                "stages.3.downsample.1.bias", "features.6.1.bias",
                                "stages.3.blocks.0.mlp.fc2.weight", "features.7.0.block.5.weight",
                                "head.norm.weight", "classifier.0.weight",
                                "head.fc.weight", "classifier.2.weight")),
                new Case(
                        "convnext_tiny",
                        "facebookresearch",
                        narrowConvNeXt(),
                        authorsConvNeXt(List.of(3, 3, 9, 3), List.of(4, 6, 8, 10)),
                        Map.of(
                                "downsample_layers.0.0.weight", "features.0.0.weight",
                                "downsample_layers.3.1.weight", "features.6.1.weight",
                                "stages.0.0.gamma", "features.1.0.layer_scale",
                                "stages.2.8.norm.weight", "features.5.8.block.2.weight",
                                "stages.2.8.pwconv1.weight", "features.5.8.block.3.weight",
                                "norm.weight", "classifier.0.weight",
                                "head.bias", "classifier.2.bias")),
                new Case(
                        "vit_b_16",
                        "timm",
                        narrowTransformer(),
                        timmTransformer(12),
                        Map.of(
                                "cls_token", "class_token",
                                "pos_embed", "encoder.pos_embedding",
                                "patch_embed.proj.bias", "conv_proj.bias",
                                "blocks.11.attn.qkv.weight",
                                        "encoder.layers.encoder_layer_11.self_attention.in_proj_weight",
                                "blocks.1.attn.qkv.bias", "encoder.layers.encoder_layer_1.self_attention.in_proj_bias",
                                "blocks.0.attn.proj.weight",
                                        "encoder.layers.encoder_layer_0.self_attention.out_proj.weight",
                                "blocks.10.mlp.fc2.weight", "encoder.layers.encoder_layer_10.mlp.3.weight",
                                "blocks.2.norm2.weight", "encoder.layers.encoder_layer_2.ln_2.weight",
                                "norm.weight", "encoder.ln.weight",
                                "head.weight", "heads.head.weight")),
                new Case(
                        "vit_b_16",
                        "legacy torchvision",
                        narrowTransformer(),
                        legacyTransformer(12),
                        Map.of(
                                "encoder.layers.encoder_layer_3.mlp.linear_1.weight",
                                "encoder.layers.encoder_layer_3.mlp.0.weight",
                                "encoder.layers.encoder_layer_11.mlp.linear_2.bias",
                                "encoder.layers.encoder_layer_11.mlp.3.bias")),
                new Case(
                        "swin_t",
                        "timm",
                        narrowSwin(),
                        timmSwin(List.of(2, 2, 6, 2)),
                        Map.of(
                                "patch_embed.norm.weight", "features.0.2.weight",
                                "layers.1.downsample.reduction.weight", "features.2.reduction.weight",
                                "layers.0.blocks.1.attn.qkv.bias", "features.1.1.attn.qkv.bias",
                                "layers.2.blocks.5.attn.relative_position_bias_table",
                                        "features.5.5.attn.relative_position_bias_table",
                                "layers.3.blocks.0.mlp.fc2.weight", "features.7.0.mlp.3.weight",
                                "norm.weight", "norm.weight",
                                "head.fc.weight", "head.weight")),
                new Case(
                        "swin_t",
                        "microsoft",
                        narrowSwin(),
                        microsoftSwin(List.of(2, 2, 6, 2)),
                        Map.of(
                                "layers.0.downsample.norm.weight", "features.2.norm.weight",
                                "layers.2.downsample.reduction.weight", "features.6.reduction.weight",
                                "layers.3.blocks.1.norm1.bias", "features.7.1.norm1.bias",
                                "head.weight", "head.weight")),
                new Case(
                        "inception_resnet_v1",
                        "facenet-pytorch",
                        Models.named("inception_resnet_v1").build(),
                        facenet(),
                        Map.of(
                                "repeat_3.4.conv2d.bias", "repeat_3.4.conv2d.bias",
                                "last_linear.weight", "last_linear.weight")),
                new Case(
                        "repvgg_a0",
                        "DingXiaoH",
                        Models.named("repvgg_a0").build(),
                        authorsRepVgg(List.of(2, 4, 14, 1)),
                        Map.of(
                                "stage0.rbr_dense.conv.weight", "stem.conv_kxk.conv.weight",
                                "stage1.1.rbr_identity.weight", "stages.0.1.identity.weight",
                                "stage3.13.rbr_1x1.bn.running_mean", "stages.2.13.conv_1x1.bn.running_mean",
                                "stage4.0.rbr_dense.bn.bias", "stages.3.0.conv_kxk.bn.bias",
                                "linear.bias", "head.fc.bias")));
    }

    private static Case vgg() {
        return new Case(
                "vgg11_bn",
                "timm",
                Models.named("vgg11_bn").build(new ModelOptions(10, 3)),
                timmVgg(List.of(1, 1, 2, 2, 2)),
                Map.of(
                        "features.4.weight", "features.4.weight",
                        "pre_logits.fc1.weight", "classifier.0.weight",
                        "pre_logits.fc2.bias", "classifier.3.bias",
                        "head.fc.weight", "classifier.6.weight"));
    }

    @TestFactory
    Stream<DynamicTest> otherNamesLandOnTheModelsOwn() {
        return cases().stream().map(one -> DynamicTest.dynamicTest(one.entry + " " + one.style, () -> check(one)));
    }

    @Test
    @Tag("slow")
    void aConvolutionOfSevenBySevenBecomesVggsFirstLinearLayer() {
        check(vgg());
    }

    @Test
    void everyKeyMapOfTheTableIsTried() {
        Set<KeyMap> tried = new HashSet<>();
        cases().forEach(one -> tried.add(one.keyMap()));
        tried.add(vgg().keyMap());
        assertThat(Models.all().stream().flatMap(entry -> entry.keyMaps().stream()))
                .isNotEmpty()
                .allMatch(tried::contains);
    }

    @Test
    void timmsMobileNetV3ComputesTheSameUnderTorchvisionsEps() {
        Case large = cases().stream()
                .filter(one -> one.entry.equals("mobilenet_v3_large"))
                .findFirst()
                .orElseThrow();
        try (NDManager manager = PyTorch.newManager()) {
            large.model.initialize(manager);
            Map<String, NDArray> state = state(large.keys, manager);
            state.put("bn1.running_var", manager.create(new float[] {.04f, 1}));
            NDArray variance = large.keyMap().apply(state, large.model).get("features.0.1.running_var");
            // what the root is taken of, here with 1e-3 and there with 1e-5
            assertThat(variance.toFloatArray()[0] + 1e-3).isCloseTo(.04 + 1e-5, within(1e-7));
            assertThat(variance.toFloatArray()[1] + 1e-3).isCloseTo(1 + 1e-5, within(1e-7));
        }
    }

    private static void check(Case one) {
        try (NDManager manager = PyTorch.newManager()) {
            one.model.initialize(manager);
            Map<String, NDArray> own = StateDict.of(one.model);
            Map<String, NDArray> state = state(one.keys, manager);
            List<KeyMap> maps = Models.named(one.entry).keyMaps();
            assertThat(own.keySet()).isNotEqualTo(state.keySet());

            Map<String, NDArray> fitted = NameFit.of(state, one.model, maps, Preference.EMA, "theirs")
                    .orElseThrow()
                    .arrays();
            Set<String> expected = new HashSet<>(own.keySet());
            // a table of indices is the model's own business
            expected.removeIf(name -> name.endsWith("relative_position_index"));
            assertThat(fitted.keySet()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(one.keyMap().apply(state, one.model).keySet()).isEqualTo(fitted.keySet());

            one.places.forEach((theirs, ours) -> assertThat(Math.round(first(fitted.get(ours))))
                    .as(theirs + " in " + ours)
                    .isEqualTo(Math.round(first(state.get(theirs)))));
            one.keys.shapes.forEach((theirs, shape) -> {
                if (shape.size() > 1 && one.places.containsKey(theirs)) {
                    String ours = one.places.get(theirs);
                    assertThat(fitted.get(ours).getShape())
                            .isEqualTo(own.get(ours).getShape());
                }
            });
        }
    }

    /** Every array filled with its key's position; an expanded view, which takes no memory. */
    private static Map<String, NDArray> state(Keys keys, NDManager manager) {
        Map<String, NDArray> state = new LinkedHashMap<>();
        keys.shapes.forEach((name, shape) -> {
            NDArray value = manager.create((float) state.size());
            state.put(name, shape.dimension() == 0 ? value : value.broadcast(shape));
        });
        return state;
    }

    private static float first(NDArray array) {
        NDArray scalar = array;
        while (scalar.getShape().dimension() > 0) {
            scalar = scalar.get(0);
        }
        return scalar.getFloat();
    }

    /** timm's builder of mobile networks: stem and stages; the first stage's blocks do not widen. */
    private static Keys mobile(List<Integer> depths, Set<Integer> squeezing) {
        Keys keys = new Keys().convNorm("conv_stem", "bn1");
        for (int stage = 0; stage < depths.size(); stage++) {
            for (int i = 0; i < depths.get(stage); i++) {
                String block = "blocks." + stage + "." + i + ".";
                if (stage == 0) {
                    keys.convNorm(block + "conv_dw", block + "bn1");
                } else {
                    keys.convNorm(block + "conv_pw", block + "bn1");
                    keys.convNorm(block + "conv_dw", block + "bn2");
                }
                if (squeezing.contains(stage)) {
                    keys.linear(block + "se.conv_reduce").linear(block + "se.conv_expand");
                }
                keys.convNorm(block + (stage == 0 ? "conv_pw" : "conv_pwl"), block + (stage == 0 ? "bn2" : "bn3"));
            }
        }
        return keys;
    }

    private static Keys legacyDenseNet(List<Integer> depths) {
        Keys keys = new Keys().convNorm("features.conv0", "features.norm0");
        for (int block = 1; block <= depths.size(); block++) {
            for (int layer = 1; layer <= depths.get(block - 1); layer++) {
                String name = "features.denseblock" + block + ".denselayer" + layer + ".";
                keys.norm(name + "norm.1").array(name + "conv.1.weight", 1);
                keys.norm(name + "norm.2").array(name + "conv.2.weight", 1);
            }
            if (block < depths.size()) {
                keys.convNorm("features.transition" + block + ".conv", "features.transition" + block + ".norm");
            }
        }
        return keys.norm("features.norm5").linear("classifier");
    }

    private static Keys regNet(List<Integer> depths) {
        Keys keys = new Keys().convNorm("stem.conv", "stem.bn");
        for (int stage = 1; stage <= depths.size(); stage++) {
            for (int i = 1; i <= depths.get(stage - 1); i++) {
                String block = "s" + stage + ".b" + i + ".";
                for (String conv : List.of("conv1", "conv2", "conv3")) {
                    keys.convNorm(block + conv + ".conv", block + conv + ".bn");
                }
                keys.linear(block + "se.fc1").linear(block + "se.fc2");
                if (i == 1) {
                    keys.convNorm(block + "downsample.conv", block + "downsample.bn");
                }
            }
        }
        return keys.linear("head.fc");
    }

    private static ArrayBlock narrowConvNeXt() {
        return new ConvNeXt(new ConvNeXt.Config(3, 5, List.of(3, 3, 9, 3), List.of(4, 6, 8, 10), 0));
    }

    private static Keys timmConvNeXt(List<Integer> depths, List<Integer> channels) {
        Keys keys = new Keys().linear("stem.0").linear("stem.1");
        for (int stage = 0; stage < depths.size(); stage++) {
            String name = "stages." + stage + ".";
            if (stage > 0) {
                keys.linear(name + "downsample.0").linear(name + "downsample.1");
            }
            for (int i = 0; i < depths.get(stage); i++) {
                String block = name + "blocks." + i + ".";
                keys.array(block + "gamma", channels.get(stage))
                        .linear(block + "conv_dw")
                        .linear(block + "norm");
                keys.linear(block + "mlp.fc1").linear(block + "mlp.fc2");
            }
        }
        return keys.linear("head.norm").linear("head.fc");
    }

    private static Keys authorsConvNeXt(List<Integer> depths, List<Integer> channels) {
        Keys keys = new Keys();
        for (int stage = 0; stage < depths.size(); stage++) {
            keys.linear("downsample_layers." + stage + ".0").linear("downsample_layers." + stage + ".1");
        }
        for (int stage = 0; stage < depths.size(); stage++) {
            for (int i = 0; i < depths.get(stage); i++) {
                String block = "stages." + stage + "." + i + ".";
                keys.array(block + "gamma", channels.get(stage))
                        .linear(block + "dwconv")
                        .linear(block + "norm");
                keys.linear(block + "pwconv1").linear(block + "pwconv2");
            }
        }
        return keys.linear("norm").linear("head");
    }

    private static ArrayBlock narrowTransformer() {
        return new VisionTransformer(new VisionTransformer.Config(3, 5, 32, 16, 12, 2, 8, 16, 0));
    }

    private static Keys timmTransformer(int depth) {
        Keys keys = new Keys().array("cls_token", 1).array("pos_embed", 1).linear("patch_embed.proj");
        for (int i = 0; i < depth; i++) {
            String block = "blocks." + i + ".";
            keys.linear(block + "norm1").linear(block + "attn.qkv").linear(block + "attn.proj");
            keys.linear(block + "norm2").linear(block + "mlp.fc1").linear(block + "mlp.fc2");
        }
        return keys.linear("norm").linear("head");
    }

    private static Keys legacyTransformer(int depth) {
        Keys keys = new Keys().array("class_token", 1).linear("conv_proj").array("encoder.pos_embedding", 1);
        for (int i = 0; i < depth; i++) {
            String layer = "encoder.layers.encoder_layer_" + i + ".";
            keys.linear(layer + "ln_1").array(layer + "self_attention.in_proj_weight", 1);
            keys.array(layer + "self_attention.in_proj_bias", 1).linear(layer + "self_attention.out_proj");
            keys.linear(layer + "ln_2").linear(layer + "mlp.linear_1").linear(layer + "mlp.linear_2");
        }
        return keys.linear("encoder.ln").linear("heads.head");
    }

    private static ArrayBlock narrowSwin() {
        return new SwinTransformer(new SwinTransformer.Config(3, 5, 6, List.of(2, 2, 6, 2), List.of(1, 2, 3, 6), 7, 0));
    }

    private static Keys timmSwin(List<Integer> depths) {
        Keys keys = new Keys().linear("patch_embed.proj").linear("patch_embed.norm");
        for (int stage = 0; stage < depths.size(); stage++) {
            if (stage > 0) {
                merging(keys, stage);
            }
            for (int i = 0; i < depths.get(stage); i++) {
                windowBlock(keys, "layers." + stage + ".blocks." + i + ".");
            }
        }
        return keys.linear("norm").linear("head.fc");
    }

    /** The merging is at the back of a stage, and what the code could compute is saved too. */
    private static Keys microsoftSwin(List<Integer> depths) {
        Keys keys = new Keys().linear("patch_embed.proj").linear("patch_embed.norm");
        for (int stage = 0; stage < depths.size(); stage++) {
            for (int i = 0; i < depths.get(stage); i++) {
                String block = "layers." + stage + ".blocks." + i + ".";
                windowBlock(keys, block);
                keys.array(block + "attn.relative_position_index", 49, 49);
                // the last stage is one window, which is not shifted
                if (i % 2 == 1 && stage < depths.size() - 1) {
                    keys.array(block + "attn_mask", 4, 49, 49);
                }
            }
            if (stage < depths.size() - 1) {
                merging(keys, stage);
            }
        }
        return keys.linear("norm").linear("head");
    }

    private static void windowBlock(Keys keys, String block) {
        keys.linear(block + "norm1").array(block + "attn.relative_position_bias_table", 1);
        keys.linear(block + "attn.qkv").linear(block + "attn.proj").linear(block + "norm2");
        keys.linear(block + "mlp.fc1").linear(block + "mlp.fc2");
    }

    private static void merging(Keys keys, int stage) {
        String name = "layers." + stage + ".downsample.";
        keys.array(name + "reduction.weight", 1).linear(name + "norm");
    }

    private static Keys facenet() {
        Keys keys = new Keys();
        for (String stem : List.of("1a", "2a", "2b", "3b", "4a", "4b")) {
            keys.convNorm("conv2d_" + stem + ".conv", "conv2d_" + stem + ".bn");
        }
        residuals(
                keys,
                "repeat_1.",
                5,
                List.of("branch0", "branch1.0", "branch1.1", "branch2.0", "branch2.1", "branch2.2"));
        units(keys, "mixed_6a.", List.of("branch0", "branch1.0", "branch1.1", "branch1.2"));
        List<String> two = List.of("branch0", "branch1.0", "branch1.1", "branch1.2");
        residuals(keys, "repeat_2.", 10, two);
        units(
                keys,
                "mixed_7a.",
                List.of("branch0.0", "branch0.1", "branch1.0", "branch1.1", "branch2.0", "branch2.1", "branch2.2"));
        residuals(keys, "repeat_3.", 5, two);
        units(keys, "block8.", two);
        keys.linear("block8.conv2d");
        return keys.array("last_linear.weight", 1).norm("last_bn").linear("logits");
    }

    private static void residuals(Keys keys, String name, int depth, List<String> units) {
        for (int i = 0; i < depth; i++) {
            units(keys, name + i + ".", units);
            keys.linear(name + i + ".conv2d");
        }
    }

    private static void units(Keys keys, String block, List<String> units) {
        units.forEach(unit -> keys.convNorm(block + unit + ".conv", block + unit + ".bn"));
    }

    private static Keys authorsRepVgg(List<Integer> depths) {
        List<String> blocks = new ArrayList<>(List.of("stage0."));
        Keys keys = new Keys();
        for (int stage = 0; stage < depths.size(); stage++) {
            for (int i = 0; i < depths.get(stage); i++) {
                String block = "stage" + (stage + 1) + "." + i + ".";
                blocks.add(block);
                // only the first block of a stage strides
                if (i > 0) {
                    keys.norm(block + "rbr_identity");
                }
            }
        }
        for (String block : blocks) {
            keys.convNorm(block + "rbr_dense.conv", block + "rbr_dense.bn");
            keys.convNorm(block + "rbr_1x1.conv", block + "rbr_1x1.bn");
        }
        return keys.linear("linear");
    }

    /** With batch norm: a block's layers are numbered with its ReLUs, and a pooling follows it. */
    private static Keys timmVgg(List<Integer> convolutions) {
        Keys keys = new Keys();
        int position = 0;
        for (int n : convolutions) {
            for (int i = 0; i < n; i++) {
                keys.linear("features." + position).norm("features." + (position + 1));
                position += 3;
            }
            position++;
        }
        return keys.array("pre_logits.fc1.weight", 4096, 512, 7, 7)
                .array("pre_logits.fc1.bias", 4096)
                .array("pre_logits.fc2.weight", 4096, 4096, 1, 1)
                .array("pre_logits.fc2.bias", 4096)
                .linear("head.fc");
    }
}
