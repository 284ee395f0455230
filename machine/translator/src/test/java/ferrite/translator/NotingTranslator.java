package ferrite.translator;

import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/** A translator that notes the regions that were made. */
class NotingTranslator implements Translator {

    final List<TranslatedRegion> regions = new ArrayList<>();
    private final Translator translator;

    NotingTranslator() {
        this(Runnable::run);
    }

    NotingTranslator(Executor executor) {
        translator = new BytecodeTranslator(executor);
    }

    @Override
    public void prepare(Runnable work) {
        translator.prepare(work);
    }

    @Override
    public Draft translate(Source source, int pc) {
        Draft draft = translator.translate(source, pc);
        return draft == null ? null : new Draft() {
            @Override
            public boolean isReady() {
                return draft.isReady();
            }

            @Override
            public TranslatedRegion finish() {
                TranslatedRegion region = draft.finish();
                if (region != null) {
                    regions.add(region);
                }
                return region;
            }
        };
    }
}
