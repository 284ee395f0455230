package ferrite.peripherals.sound;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;

/** The record in RAM that {@link SoundDriver} keeps for a card. */
final class SoundLayout {

    static final int SIZE = 20 + 2 * StreamLayout.SIZE;

    static final Struct STRUCT = Struct.of("sound_card", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    /** Protects the DSP's registers, and the streams' counts and states. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 4);
    static final Word CHANNEL_8 = STRUCT.u32("dma8", 8);
    static final Word CHANNEL_16 = STRUCT.u32("dma16", 12);
    static final Embedded PLAYS = STRUCT.embedded("plays", 16, StreamLayout.STRUCT);
    static final Embedded RECORDS = STRUCT.embedded("records", PLAYS.end(), StreamLayout.STRUCT);
    /** Not 0 after the card was pulled out: all calls fail. */
    static final Word GONE = STRUCT.u32("gone", RECORDS.end());

    private SoundLayout() { }
}
