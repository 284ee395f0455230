package ferrite.scenarios.hostile;

import ferrite.hardware.instruction.Decoder;
import ferrite.hardware.instruction.Disassembler;
import ferrite.scenarios.qemu.Code;
import ferrite.scenarios.qemu.LittleEndian;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A few instructions of a hostile program that belong together. When one of them traps, the program continues with the
 * next step.
 *
 * @param name the purpose of the instructions
 * @param emit emits them; they fit into the space that {@link GuestPrograms} leaves in a step
 */
record GuestStep(String name, Consumer<Code> emit) implements Part {

    @Override
    public String describe() {
        Code code = new Code(0);
        emit.accept(code);
        byte[] bytes = code.toBytes();
        StringBuilder text = new StringBuilder(name);
        for (int at = 0; at < bytes.length; ) {
            int half = LittleEndian.half(bytes, at);
            int length = Decoder.isCompressed(half) ? 2 : 4;
            text.append(String.format(Locale.ROOT, "%n    %s",
                    Disassembler.text(length == 2 ? half : LittleEndian.get(bytes, at), at)));
            at += length;
        }
        return text.toString();
    }
}
