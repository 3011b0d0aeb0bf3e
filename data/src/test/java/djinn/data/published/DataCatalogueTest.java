package djinn.data.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DataCatalogueTest {

    @Test
    void namesAreOnceAndFilesOfOneSetDoNotMeet() {
        List<String> names =
                DataCatalogue.all().stream().map(PublishedData::name).toList();
        assertThat(names).doesNotHaveDuplicates().contains("mnist", "cifar10", "coco_val2017", "nuclei");
        for (PublishedData data : DataCatalogue.all()) {
            assertThat(data.files().stream().map(PublishedFile::name))
                    .as(data.name())
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void factsAreThoseOfFilesAtHand() {
        // wc -c, sha256sum and md5sum of MNIST's t10k-images-idx3-ubyte.gz
        PublishedFile file = DataCatalogue.find("mnist").files().get(2);
        assertThat(file.name()).isEqualTo("t10k-images-idx3-ubyte.gz");
        assertThat(file.bytes()).hasValue(1648877);
        assertThat(file.sha256()).hasValue("8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6");
        assertThat(file.md5()).hasValue("9fb629c4189551a2d022fa330f9573f3");
        assertThat(DataCatalogue.find("mnist").bytes()).hasValue(9912422 + 28881 + 1648877 + 4542);
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNearest() {
        assertThat(DataCatalogue.find("fashion-mnist").name()).isEqualTo("fashion_mnist");
        assertThatThrownBy(() -> DataCatalogue.find("mnits"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown data 'mnits', did you mean 'mnist'?; 'djinn data list' tells more");
        assertThatThrownBy(() -> DataCatalogue.find("flowers")).hasMessageContaining("did you mean 'oxford_flowers'?");
        assertThatThrownBy(() -> DataCatalogue.find("imagenet")).hasMessageContaining("expected one of mnist, ");
    }

    @Test
    void whatIsNotKnownIsEmpty() {
        PublishedData bccd = DataCatalogue.find("bccd");
        assertThat(bccd.bytes()).isEmpty();
        assertThat(bccd.hashed()).isZero();
        assertThat(DataCatalogue.find("cifar10").licence()).isEmpty();
        assertThat(DataCatalogue.find("voc2007").hashed()).isEqualTo(2);
    }
}
