package djinn.zoo.language;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PublishedSizesTest {

    /**
     * Vaswani et al. 2017, table 3: 65 million, of which a shared vocabulary of 37,000 is the largest part. By hand: 63.1
     * million, with the two last norms that the paper has not.
     */
    @Test
    void theBaseTranslator() {
        long width = 512;
        long hidden = 2048;
        long attention = 4 * (width * width + width);
        long linear = width * hidden + hidden + hidden * width + width;
        long norm = 2 * width;
        long encoder = 6 * (attention + linear + 2 * norm);
        long decoder = 6 * (2 * attention + linear + 3 * norm);
        assertThat(Transformer.Translator.base(37_000).parameterCount())
                .isEqualTo(37_000 * width + encoder + decoder + 2 * norm)
                .isEqualTo(63_084_544);
    }

    /** Radford et al. 2019, table 2, and the published checkpoint. */
    @Test
    void theSmallestGpt() {
        long width = 768;
        long attention = 3 * (width * width + width) + width * width + width;
        long linear = width * 4 * width + 4 * width + 4 * width * width + width;
        assertThat(Gpt.gpt2().parameterCount())
                .isEqualTo((50_257 + 1024) * width + 12 * (attention + linear + 4 * width) + 2 * width)
                .isEqualTo(124_439_808);
    }

    /**
     * Devlin et al. 2019, section 3, says 110 million of the base model with its pooler; BertForMaskedLM of a vocabulary of
     * 30,522 has 109,514,298.
     */
    @Test
    void theBaseBert() {
        long width = 768;
        long hidden = 3072;
        long norm = 2 * width;
        long embeddings = (30_522 + 512 + 2) * width + norm;
        long attention = 4 * (width * width + width) + norm;
        long linear = width * hidden + hidden + hidden * width + width + norm;
        long head = width * width + width + norm + 30_522;
        assertThat(Bert.base().parameterCount())
                .isEqualTo(embeddings + 12 * (attention + linear) + head)
                .isEqualTo(109_514_298);
    }
}
