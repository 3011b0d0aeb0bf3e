package djinn.zoo.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.zoo.Models;
import djinn.zoo.detection.Detectors;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogueTest {

    @Test
    void everyEntryIsOfAModelOfTheZooAndWellFormed() {
        assertThat(Catalogue.all()).hasSizeGreaterThan(50);
        for (CatalogueEntry entry : Catalogue.all()) {
            boolean detector = Detectors.names().contains(entry.model());
            assertThat(entry.url().getScheme()).as(entry.id()).isEqualTo("https");
            assertThat(entry.url().getHost())
                    .as(entry.id())
                    .isIn("download.pytorch.org", "huggingface.co", "github.com");
            assertThat(entry.url().getRawPath()).as(entry.id()).matches("/[\\w./-]+\\.(pth|th|bin|safetensors)");
            assertThat(entry.sha256()).as(entry.id()).matches("unverified|[0-9a-f]{8}|[0-9a-f]{10}|[0-9a-f]{64}");
            entry.megabytes().ifPresent(size -> assertThat(size).as(entry.id()).isBetween(.5, 1000.));
            assertThat(entry.licence()).as(entry.id()).matches("[A-Za-z0-9.-]+");
            assertThat(entry.source()).as(entry.id()).isNotBlank();
            assertThat(entry.size())
                    .as(entry.id())
                    .isEqualTo(
                            detector
                                    ? Detectors.named(entry.model()).size()
                                    : Models.named(entry.model()).size());
            assertThat(entry.cropFraction()).as(entry.id()).isGreaterThan(.8).isLessThanOrEqualTo(1);
            assertThat(entry.interpolation()).as(entry.id()).isIn("bilinear", "bicubic");
            assertThat(entry.mean()).as(entry.id()).hasSize(3).allMatch(mean -> mean > 0 && mean < 1);
            assertThat(entry.std()).as(entry.id()).hasSize(3).allMatch(std -> std > 0 && std < 1);
            assertMetrics(
                    entry, detector ? "detection" : Models.named(entry.model()).task());
        }
    }

    private static void assertMetrics(CatalogueEntry entry, String task) {
        Map<String, Double> metrics = entry.metrics();
        assertThat(metrics.values()).as(entry.id()).allMatch(value -> value > 0 && value < 100);
        if (task.equals("detection")) {
            assertThat(metrics.keySet()).as(entry.id()).contains("box_map").isSubsetOf("box_map", "mask_map");
        } else if (task.equals("segmentation")) {
            assertThat(metrics).as(entry.id()).containsOnlyKeys("miou", "pixel_acc");
            assertThat(metrics.get("miou")).as(entry.id()).isLessThan(metrics.get("pixel_acc"));
        } else if (!entry.id().equals("vgg16/imagenet1k_features")) { // which classify nothing: SSD300 starts from them
            assertThat(metrics.keySet()).as(entry.id()).contains("acc1").isSubsetOf("acc1", "acc5");
            assertThat(metrics.get("acc1")).as(entry.id()).isLessThan(metrics.getOrDefault("acc5", 100.));
        }
    }

    @Test
    void noTwoEntriesShareANameAnAddressOrAFile() {
        assertThat(Catalogue.all()).extracting(CatalogueEntry::id).doesNotHaveDuplicates();
        assertThat(Catalogue.all()).extracting(CatalogueEntry::url).doesNotHaveDuplicates();
        assertThat(Catalogue.all()).extracting(CatalogueEntry::fileName).doesNotHaveDuplicates();
    }

    /** The rule of torch.hub: the last name has a hyphen and the first digits of the hash before the suffix. */
    @Test
    void aHashInTheNameOfAFileIsTheOneListed() {
        assertThat(Catalogue.all())
                .filteredOn(entry -> !entry.url().getHost().equals("huggingface.co"))
                .hasSizeGreaterThan(40)
                .allSatisfy(entry -> assertThat(entry.url().getPath())
                        .containsPattern("-" + entry.sha256().substring(0, 8) + "[0-9a-f]*\\.pth?$|-"
                                + entry.sha256().substring(0, 8) + "\\.th$"));
    }

    @Test
    void aModelAloneMeansItsDefault() {
        assertThat(Catalogue.find("squeezenet1_1").id()).isEqualTo("squeezenet1_1/imagenet1k_v1");
        assertThat(Catalogue.find("resnet50").name()).isEqualTo("imagenet1k_v2");
        assertThat(Catalogue.find("resnet50/imagenet1k_v1").url())
                .hasToString("https://download.pytorch.org/models/resnet50-0676ba61.pth");
        assertThat(Catalogue.of("resnet50").get(0).name()).isEqualTo("imagenet1k_v2");
        assertThat(Catalogue.of("nin_small")).isEmpty();
    }

    /** torchvision's documented transforms: resize to 256 and crop 224; and what transform_input makes for GoogLeNet. */
    @Test
    void preprocessingIsThePublishers() {
        CatalogueEntry squeezenet = Catalogue.find("squeezenet1_1");
        assertThat(squeezenet.cropFraction()).isEqualTo(.875);
        assertThat(squeezenet.mean()).containsExactly(.485, .456, .406);
        assertThat(Catalogue.find("googlenet").mean()).containsExactly(.5, .5, .5);
        assertThat(Catalogue.find("inception_v3").resize()).isEqualTo(342);
    }

    /** torchvision's own classes of its detectors: SSD300 was trained on bytes less their mean, SSDLite from -1 to 1. */
    @Test
    void detectorsAreListedWithTheirPublishersFigures() {
        assertThat(Catalogue.find("retinanet_resnet50_fpn").metrics()).containsEntry("box_map", 36.4);
        assertThat(Catalogue.find("fcos_resnet50_fpn/coco_v1").metrics()).containsEntry("box_map", 39.2);
        assertThat(Catalogue.find("fasterrcnn_resnet50_fpn").metrics()).containsEntry("box_map", 37.);
        assertThat(Catalogue.find("maskrcnn_resnet50_fpn").metrics()).containsEntry("mask_map", 34.6);
        CatalogueEntry ssd = Catalogue.find("ssd300_vgg16");
        assertThat(ssd.mean()).containsExactly(.48235, .45882, .40784);
        assertThat(ssd.std()).allMatch(std -> Math.abs(std * 255 - 1) < 1e-12);
        CatalogueEntry lite = Catalogue.find("ssdlite320_mobilenet_v3_large");
        assertThat(lite.mean()).containsExactly(.5, .5, .5);
        assertThat(lite.fileName()).isEqualTo("ssdlite320_mobilenet_v3_large-coco_v1.pth");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertUnknown("squezenet1_1", "did you mean 'squeezenet1_1'?");
        assertUnknown("squezenet1_1/imagenet1k_v1", "did you mean 'squeezenet1_1/imagenet1k_v1'?");
        assertUnknown("resnet18/imagenet1k", "did you mean 'resnet18/imagenet1k_v1'?");
        assertUnknown("resnet18/of_my_own_making_alone", "expected one of resnet18/imagenet1k_v1, resnet18/a1_in1k");
        assertUnknown("no such thing at all", "'djinn weights list'");
    }

    private static void assertUnknown(String name, String answer) {
        assertThatThrownBy(() -> Catalogue.find(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown weights '" + name + "'")
                .hasMessageContaining(answer)
                .hasMessageNotContaining("\n");
    }

    @Test
    void filesAreNamedAfterTheWeightsWithTheirSuffix() {
        assertThat(Catalogue.find("mnasnet1_0").fileName()).isEqualTo("mnasnet1_0-imagenet1k_v1.pth");
        assertThat(Catalogue.find("resnet50/a1_in1k").fileName()).isEqualTo("resnet50-a1_in1k.safetensors");
        assertThat(Catalogue.find("cifar_resnet20").fileName()).isEqualTo("cifar_resnet20-cifar10.th");
    }

    @Test
    void aPathIsNoReference() {
        assertThat(WeightSource.resolve("runs/a/best.safetensors", (done, total) -> {}))
                .isEqualTo(Path.of("runs/a/best.safetensors"));
        assertThat(WeightSource.entry("runs/a/best.safetensors")).isEmpty();
        assertThat(WeightSource.entry("djinn:alexnet"))
                .hasValueSatisfying(entry -> assertThat(entry.id()).isEqualTo("alexnet/imagenet1k_v1"));
        assertThatThrownBy(() -> WeightSource.entry("djinn:alexne"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("did you mean 'alexnet'?");
    }
}
