package djinn.predict.translation;

import djinn.inference.ModelFile;
import djinn.inference.text.Decoding;
import djinn.inference.text.TextAnswers;
import djinn.inference.text.TextBlockFactory;
import java.util.List;
import java.util.Map;

/**
 * Makes blocks for DJL that translate. The argument {@code decoding}, a {@link Decoding}, says how; {@link Decoding#USUAL}
 * if it is left out. {@link TranslationCriteria} name it.
 */
public final class TranslatorBlockFactory extends TextBlockFactory {

    private static final long serialVersionUID = 1L;

    static final String DECODING = "decoding";

    @Override
    protected TextAnswers open(ModelFile file, Map<String, ?> arguments) {
        Object given = arguments.get(DECODING);
        if (given != null && !(given instanceof Decoding)) {
            throw new IllegalArgumentException(
                    "expected a djinn.inference.text.Decoding as the argument " + DECODING + ", got " + given);
        }
        return new Answers(TextTranslator.open(file), given == null ? Decoding.USUAL : (Decoding) given);
    }

    private record Answers(TextTranslator translator, Decoding decoding) implements TextAnswers {

        @Override
        public List<String> of(List<String> texts) {
            return translator.translateAll(texts, decoding).stream()
                    .map(found -> found.get(0).text())
                    .toList();
        }

        @Override
        public void close() {
            translator.close();
        }
    }
}
