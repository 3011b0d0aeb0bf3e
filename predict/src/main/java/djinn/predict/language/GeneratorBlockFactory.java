package djinn.predict.language;

import djinn.inference.ModelFile;
import djinn.inference.text.TextAnswers;
import djinn.inference.text.TextBlockFactory;
import java.util.List;
import java.util.Map;

/**
 * Makes blocks for DJL that go on with texts. The argument {@code generation}, a {@link Generation}, says how. {@link
 * TextGenerationCriteria} name it.
 */
public final class GeneratorBlockFactory extends TextBlockFactory {

    private static final long serialVersionUID = 1L;

    static final String GENERATION = "generation";

    @Override
    protected TextAnswers open(ModelFile file, Map<String, ?> arguments) {
        if (!(arguments.get(GENERATION) instanceof Generation generation)) {
            throw new IllegalArgumentException("expected a djinn.predict.language.Generation as the argument "
                    + GENERATION + ", got " + arguments.get(GENERATION));
        }
        return new Answers(TextGenerator.open(file), generation);
    }

    private record Answers(TextGenerator generator, Generation generation) implements TextAnswers {

        @Override
        public List<String> of(List<String> texts) {
            return generator.generateAll(texts, generation);
        }

        @Override
        public void close() {
            generator.close();
        }
    }
}
