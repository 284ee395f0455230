package ferrite.scenarios.hostile;

import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.LittleEndian;
import ferrite.scenarios.qemu.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Images of random words. */
final class FlatImages {

    private record Word(int at, int value) implements Part {

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "0x%x: 0x%08x", at, value);
        }
    }

    private FlatImages() { }

    static HostileCase<?> generate(Choice choice) {
        int count = 1 + choice.below(choice.oneIn(4) ? 10_000 : 300);
        boolean instructions = choice.oneIn(2);
        List<Word> words = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            int word = instructions ? Rows.random(choice.of(List.of(Instruction.values())), choice) : choice.word();
            words.add(new Word(4 * n, word));
        }
        return new HostileCase<>(Kind.FLAT, GuestPrograms.setup(choice), words, kept -> {
            byte[] image = new byte[4 * count];
            kept.forEach(word -> LittleEndian.put(image, word.at, word.value));
            return image;
        });
    }
}
