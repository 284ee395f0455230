package ferrite.scenarios.hostile;

import ferrite.hardware.instruction.Instruction;
import ferrite.scenarios.qemu.Choice;
import ferrite.scenarios.qemu.Code;
import ferrite.scenarios.qemu.LittleEndian;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Programs with the symbols {@code tohost} and {@code fromhost}, which write wrong values to them. */
final class HtifPrograms {

    private static final int TABLE = 0x400;
    private static final int TOHOST = 0x3f0;
    private static final int FROMHOST = 0x3f8;
    private static final int MAX_COMMANDS = 60;
    private static final int LOAD_BYTES = TABLE + 8 * MAX_COMMANDS;
    private static final int HEADER_BYTES = 52;
    private static final int SEGMENT_BYTES = 32;
    private static final int SECTION_BYTES = 40;
    private static final int SYMBOL_BYTES = 16;
    private static final String NAMES = "\0tohost\0fromhost\0";

    /** A double word that the program writes to tohost. A command that is left out is zero. */
    private record Command(int index, int low, int high) implements Part {

        @Override
        public String describe() {
            return String.format(Locale.ROOT, "double word %d: %08x %08x", index, high, low);
        }
    }

    private HtifPrograms() { }

    static HostileCase<?> generate(Choice choice) {
        Setup setup = GuestPrograms.setup(choice);
        int ram = (int) setup.board().ramBase();
        List<Command> commands = new ArrayList<>();
        for (int n = 0; n < MAX_COMMANDS; n++) {
            commands.add(command(choice, n, ram));
        }
        return new HostileCase<>(Kind.HTIF, setup, commands, kept -> elf(kept, ram));
    }

    /** Makes commands, and between them the data of system calls: a number, a descriptor, an address, a length. */
    private static Command command(Choice choice, int index, int ram) {
        int block = ram + TABLE + 8 * choice.below(MAX_COMMANDS);
        return switch (choice.below(8)) {
            case 0, 1 -> new Command(index, block, 0);
            case 2 -> new Command(index, choice.of(64, 64, 93, choice.below(400)), 0);
            case 3 -> new Command(index, choice.of(1, 2, 3, choice.operand()), 0);
            case 4 -> new Command(index, choice.of(100, 1 << 20, -1, choice.operand()), choice.operand());
            case 5 -> new Command(index, choice.word(), choice.below(3) << 24 | choice.below(3) << 16);
            case 6 -> new Command(index, choice.of(-8, 0x1000_0000, block & ~7), choice.of(0, 0xffff));
            default -> new Command(index, choice.word(), choice.word());
        };
    }

    private static byte[] program(List<Command> commands, int ram) {
        Code code = new Code(ram).li(Code.T0, ram + TABLE).li(Code.T1, ram + TOHOST).li(Code.T2, MAX_COMMANDS)
                .label("next").load(Code.T3, Code.T0, 0).load(Code.T6, Code.T0, 4)
                .store(Code.T6, Code.T1, 4).store(Code.T3, Code.T1, 0)
                .i(Instruction.ADDI, Code.T3, 0, 60).label("wait")
                .i(Instruction.ADDI, Code.T3, Code.T3, -1).branch(Instruction.BNE, Code.T3, 0, "wait")
                .store(0, Code.T1, 8).store(0, Code.T1, 12)
                .i(Instruction.ADDI, Code.T0, Code.T0, 8).i(Instruction.ADDI, Code.T2, Code.T2, -1)
                .branch(Instruction.BNE, Code.T2, 0, "next").label("end").jump(0, "end");
        byte[] bytes = new byte[LOAD_BYTES];
        byte[] start = code.toBytes();
        System.arraycopy(start, 0, bytes, 0, start.length);
        for (Command command : commands) {
            LittleEndian.put(bytes, TABLE + 8 * command.index, command.low);
            LittleEndian.put(bytes, TABLE + 8 * command.index + 4, command.high);
        }
        return bytes;
    }

    /** Builds the ELF file: header, one segment, symbols, their names, and three section headers for them. */
    private static byte[] elf(List<Command> commands, int ram) {
        int program = HEADER_BYTES + SEGMENT_BYTES;
        int symbols = program + LOAD_BYTES;
        int names = symbols + 3 * SYMBOL_BYTES;
        int sections = names + NAMES.length() + 3 & ~3;
        byte[] file = new byte[sections + 3 * SECTION_BYTES];
        words(file, 0, 0x464c_457f, 0x0001_0101);
        words(file, 16, 2 | 0xf3 << 16, 1, ram, HEADER_BYTES, sections, 0, HEADER_BYTES | SEGMENT_BYTES << 16,
                1 | SECTION_BYTES << 16, 3 | 2 << 16);
        words(file, HEADER_BYTES, 1, program, ram, ram, LOAD_BYTES, LOAD_BYTES, 7, 4);
        System.arraycopy(program(commands, ram), 0, file, program, LOAD_BYTES);
        words(file, symbols + SYMBOL_BYTES, 1, ram + TOHOST, 8, 0x0001_0011);
        words(file, symbols + 2 * SYMBOL_BYTES, 8, ram + FROMHOST, 8, 0x0001_0011);
        System.arraycopy(NAMES.getBytes(StandardCharsets.US_ASCII), 0, file, names, NAMES.length());
        words(file, sections + SECTION_BYTES, 0, 2, 0, 0, symbols, 3 * SYMBOL_BYTES, 2, 1, 4, SYMBOL_BYTES);
        words(file, sections + 2 * SECTION_BYTES, 0, 3, 0, 0, names, NAMES.length(), 0, 0, 1, 0);
        return file;
    }

    private static void words(byte[] file, int at, int... words) {
        for (int n = 0; n < words.length; n++) {
            LittleEndian.put(file, at + 4 * n, words[n]);
        }
    }
}
