package djinn.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import djinn.ops.DataException;
import org.junit.jupiter.api.Test;

class CharacterVocabularyTest {

    @Test
    void charactersAreNumberedInRisingOrder() {
        CharacterVocabulary vocabulary = CharacterVocabulary.of("banana\n");

        assertThat(vocabulary.characters()).isEqualTo("\nabn");
        assertThat(vocabulary.encode("ban", "text")).isEqualTo(TokenSequence.of(2, 1, 3));
        assertThat(CharacterVocabulary.of(vocabulary.characters())).isEqualTo(vocabulary);
    }

    @Test
    void whatIsEncodedIsDecoded() {
        String text = "Grüße,\n\tπ = 3.14 😀\r\n";
        CharacterVocabulary vocabulary = CharacterVocabulary.of(text);

        TokenSequence tokens = vocabulary.encode(text, "text");

        assertThat(tokens.size()).isEqualTo(text.codePointCount(0, text.length()));
        assertThat(vocabulary.decode(tokens)).isEqualTo(text);
        assertThat(vocabulary.decode(vocabulary.size() - 1)).isEqualTo("😀");
    }

    @Test
    void anUnknownCharacterIsNamedWithItsLine() {
        CharacterVocabulary vocabulary = CharacterVocabulary.of("abc\n");

        assertThatThrownBy(() -> vocabulary.encode("abc\nab\ncaé", "poem.txt"))
                .isInstanceOf(DataException.class)
                .hasMessage("poem.txt:3: expected the vocabulary's 4 characters, found 'é' (U+00E9), which is none of"
                        + " them; leave it out, or train on a text that has it");
        assertThatThrownBy(() -> vocabulary.encode("\r", "poem.txt"))
                .hasMessageStartingWith("poem.txt:1: expected the vocabulary's 4 characters, found U+000D, which");
    }

    @Test
    void aTokenOutsideIsRefused() {
        assertThatThrownBy(() -> CharacterVocabulary.of("ab").decode(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a token from 0 to below 2, got 2");
    }
}
