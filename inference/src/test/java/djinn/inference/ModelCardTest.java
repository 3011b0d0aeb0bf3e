package djinn.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.data.Interpolation;
import djinn.data.Preprocessing;
import djinn.ops.DataException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelCardTest {

    private static final Path FILE = Path.of("model.onnx");

    private static ModelCard card(Preprocessing.Fit fit, Interpolation interpolation) {
        return new ModelCard(
                "nin_small",
                List.of("a", "b"),
                new Preprocessing(224, 224, 3, List.of(.1, .2, .3), List.of(.4, .5, .6), fit, .875, interpolation));
    }

    @Test
    void itComesBackFromMetadata() {
        for (Interpolation interpolation : Interpolation.values()) {
            ModelCard card = card(Preprocessing.Fit.CROP, interpolation);
            assertThat(ModelCard.fromMetadata(card.toMetadata(), FILE)).contains(card);
        }
    }

    @Test
    void olderFilesAreBilinear() {
        Map<String, String> metadata = new HashMap<>(
                card(Preprocessing.Fit.CROP, Interpolation.BICUBIC).toMetadata());
        metadata.computeIfPresent(
                "djinn.preprocessing", (key, json) -> json.replace(",\"interpolation\":\"BICUBIC\"", ""));
        metadata.remove("djinn.input");
        assertThat(metadata.get("djinn.preprocessing")).doesNotContain("interpolation");
        assertThat(ModelCard.fromMetadata(metadata, FILE))
                .contains(card(Preprocessing.Fit.CROP, Interpolation.BILINEAR));
        assertThat(ModelInput.of(metadata, FILE)).isEqualTo(ModelInput.USUAL);
    }

    @Test
    void damagedMetadataIsOneLine() {
        Map<String, String> metadata = new HashMap<>(
                card(Preprocessing.Fit.CROP, Interpolation.BICUBIC).toMetadata());
        metadata.put("djinn.preprocessing", "[]");
        assertThatThrownBy(() -> ModelCard.fromMetadata(metadata, FILE))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("model.onnx: its description of the model cannot be read");
    }

    @Test
    void theInputIsDescribedInTheFieldsWords() {
        assertThat(card(Preprocessing.Fit.CROP, Interpolation.BICUBIC)
                        .toMetadata()
                        .get("djinn.input"))
                .contains("\"layout\":\"NCHW\"")
                .contains("\"shape\":[\"N\",3,224,224]")
                .contains("\"color_order\":\"RGB\"")
                .contains("\"interpolation\":\"bicubic\"")
                .contains("the shorter side to 256")
                .contains("the center 224x224");
        ModelInput bytes = new ModelInput(true, 4, false);
        Map<String, String> metadata =
                card(Preprocessing.Fit.STRETCH, Interpolation.NEAREST).toMetadata(bytes);
        assertThat(metadata.get("djinn.input"))
                .contains("\"shape\":[4,224,224,3]")
                .contains("\"dtype\":\"uint8\"")
                .contains("\"antialias\":false")
                .contains("\"crop\":\"none\"");
        assertThat(ModelInput.of(metadata, FILE)).isEqualTo(bytes);
        assertThat(card(Preprocessing.Fit.LETTERBOX, Interpolation.BILINEAR)
                        .toMetadata()
                        .get("djinn.input"))
                .contains("\"resize\":\"until it just fits into 224x224 (height x width), keeping the proportions\"")
                .contains("\"crop\":\"none\"")
                .contains("\"padding\":\"with the mean, the resized image in the center\"");
        metadata = card(Preprocessing.Fit.SHORTER_SIDE, Interpolation.BILINEAR).toMetadata();
        assertThat(metadata.get("djinn.input"))
                .contains("\"shape\":[\"N\",3,\"H\",\"W\"]")
                .contains("the shorter side to 224, or to less so that the longer is at most 224")
                .contains("\"crop\":\"none\"");
        assertThat(ModelCard.fromMetadata(metadata, FILE))
                .contains(card(Preprocessing.Fit.SHORTER_SIDE, Interpolation.BILINEAR));
        ModelInput open = new ModelInput(false, 0, true);
        assertThat(ModelInput.of(
                        card(Preprocessing.Fit.CROP, Interpolation.BILINEAR).toMetadata(open), FILE))
                .isEqualTo(open);
    }
}
