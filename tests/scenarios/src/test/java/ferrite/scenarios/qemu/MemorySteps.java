package ferrite.scenarios.qemu;

import ferrite.hardware.instruction.Encoding;
import ferrite.hardware.instruction.Instruction;
import java.util.function.IntUnaryOperator;

/** Steps that load and store. Each first loads the register of its address. */
final class MemorySteps {

    private final Choice choice;
    private final Places places;

    MemorySteps(Choice choice, Places places) {
        this.choice = choice;
        this.places = places;
    }

    /** Makes one access, and in half of the cases another one near it. */
    Step loadOrStore() {
        int base = choice.register();
        int immediate = choice.word() >> 20;
        IntUnaryOperator place = choice.oneIn(3) ? places.aligned() : places.any();
        boolean store = choice.oneIn(2);
        Instruction row = choice.of(store ? Rows.STORES : Rows.LOADS);
        int register = choice.destination();
        int value = choice.oneIn(2) ? choice.operand() : choice.word();
        boolean again = choice.oneIn(2);
        Instruction second = choice.of(Rows.LOADS);
        int result = choice.registerOtherThan(base);
        return (code, slot) -> {
            int from = store ? otherThan(base, register) : register;
            if (store) {
                code.li(from, value);
            }
            code.li(base, place.applyAsInt(slot) - immediate);
            if (store) {
                code.s(row, from, base, immediate);
            } else {
                code.i(row, register, base, immediate);
            }
            if (again && (store || register != base)) {
                code.i(second, result, base, immediate);
            }
        };
    }

    private static int otherThan(int base, int register) {
        return register != base ? register : base == Code.T1 ? Code.T2 : Code.T1;
    }

    /** Makes an access by C.LW, C.SW, C.LWSP or C.SWSP. */
    Step loadOrStoreCompressed() {
        int parcel;
        do {
            parcel = choice.word() & 0xffff;
        } while (Compressed.kind(parcel) != Compressed.Kind.LOADS_OR_STORES || isLoadInto(parcel, Code.GP)
                || isLoadInto(parcel, Code.TP));
        int chosen = parcel;
        boolean stack = (chosen & 3) == 2;
        int base = stack ? Code.SP : 8 + (chosen >>> 7 & 7);
        int offset = stack ? (chosen >>> 13 == 2 ? lwspOffset(chosen) : swspOffset(chosen)) : lwOffset(chosen);
        IntUnaryOperator place = places.any();
        return (code, slot) -> code.li(base, place.applyAsInt(slot) - offset).half(chosen);
    }

    private static boolean isLoadInto(int parcel, int register) {
        return (parcel & 0xe003) == 0x4002 && (parcel >>> 7 & 31) == register;
    }

    private static int lwOffset(int parcel) {
        return parcel >>> 7 & 0x38 | parcel >>> 4 & 4 | parcel << 1 & 0x40;
    }

    private static int lwspOffset(int parcel) {
        return parcel >>> 7 & 0x20 | parcel >>> 2 & 0x1c | parcel << 4 & 0xc0;
    }

    private static int swspOffset(int parcel) {
        return parcel >>> 7 & 0x3c | parcel >>> 1 & 0xc0;
    }

    /** Runs an AMO, mostly at an allowed address. */
    Step amo() {
        int base = choice.register();
        int operand = choice.registerOtherThan(base);
        int value = choice.operand();
        Instruction row = choice.of(Rows.AMOS);
        int word = Rows.random(row, choice) & ~(Encoding.RS1 | Encoding.RS2) | base << 15 | operand << 20;
        boolean misaligned = row != Instruction.SC_W && choice.oneIn(6);          // KnownDeparture.SC_ADDRESS
        IntUnaryOperator place = misaligned ? places.any() : places.aligned();
        return (code, slot) -> code.li(operand, value).li(base, place.applyAsInt(slot)).word(word);
    }

    /** Runs a pair that succeeds, a second SC, or an SC to another address. */
    Step reservation() {
        int base = choice.register();
        int operand = choice.registerOtherThan(base);
        int value = choice.operand();
        IntUnaryOperator place = choice.oneIn(6) ? places.any() : places.aligned();
        int order = choice.word() & 3 << 25;
        int lr = Instruction.LR_W.match() | order | base << 15;
        int sc = Instruction.SC_W.match() | order | base << 15 | operand << 20;
        int loaded = notIn(base, operand);
        int first = choice.destination();
        int second = choice.destination();
        int what = choice.below(4);
        return (code, slot) -> {
            code.li(operand, value).li(base, place.applyAsInt(slot)).word(lr | loaded << 7);
            if (what == 1) {
                code.i(Instruction.ADDI, base, base, 64);         // outside a reservation set of one word
            }
            code.word(sc | (what == 0 && first == base ? 0 : first << 7));
            if (what == 0) {
                code.word(sc | second << 7);
            }
        };
    }

    private int notIn(int base, int operand) {
        int register = choice.destination();
        while (register == base || register == operand) {
            register = choice.destination();
        }
        return register;
    }
}
