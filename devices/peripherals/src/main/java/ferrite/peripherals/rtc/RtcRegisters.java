package ferrite.peripherals.rtc;

/**
 * The registers of the Goldfish real-time clock, one word each, as Linux's {@code timer-goldfish.h} has them. Times are
 * nanoseconds since 1970.
 */
final class RtcRegisters {

    static final long BYTES = 0x1000;

    /** The low half of the time. A load keeps the high half for the next register; a store sets the half. */
    static final int TIME_LOW = 0x00;
    static final int TIME_HIGH = 0x04;
    /** The low half of the alarm. A store sets the alarm with the high half that was stored before. */
    static final int ALARM_LOW = 0x08;
    static final int ALARM_HIGH = 0x0c;
    /** Bit 0: a past alarm raises the interrupt. */
    static final int IRQ_ENABLED = 0x10;
    /** Write: there is no alarm any more. */
    static final int CLEAR_ALARM = 0x14;
    /** Read: 1 while an alarm is set that is still to come. */
    static final int ALARM_STATUS = 0x18;
    /** Write: withdraws the interrupt. */
    static final int CLEAR_INTERRUPT = 0x1c;

    private RtcRegisters() { }
}
