package ferrite.peripherals.rtc;

import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.fs.Ioctl;
import ferrite.kernel.sched.TimerLayout;
import ferrite.kernel.sched.WaitQueueLayout;

/** The record in RAM that {@link RtcDriver} keeps, and the commands of /dev/rtc0 (Linux's uapi/linux/rtc.h). */
final class RtcLayout {

    static final int SIZE = 24 + WaitQueueLayout.SIZE + TimerLayout.SIZE;

    static final Struct STRUCT = Struct.of("rtc", SIZE);

    static final Pointer REGISTERS = STRUCT.pointer("registers", 0, "void");
    /** Protects the registers and the count. */
    static final Embedded LOCK = STRUCT.spinlock("lock", 4);
    /** Alarms that have rung and were not read. */
    static final Word ALARMS = STRUCT.u32("irq_data", 8);
    /** The second of the alarm, from 1970. */
    static final Word ALARM = STRUCT.u32("alarm", 12);
    /** Not 0 while an alarm is to come. */
    static final Word ARMED = STRUCT.u32("armed", 16);
    static final Embedded WAIT = STRUCT.embedded("irq_queue", 20, WaitQueueLayout.STRUCT);
    /** Notices an alarm whose interrupt was lost. */
    static final Embedded WATCHDOG = STRUCT.embedded("watchdog", WAIT.end(), TimerLayout.STRUCT);
    /** Not 0 after the clock was pulled out: all calls fail. */
    static final Word GONE = STRUCT.u32("gone", WATCHDOG.end());

    private static final int TYPE = 'p';

    static final int RTC_AIE_ON = Ioctl._IO(TYPE, 1);
    static final int RTC_AIE_OFF = Ioctl._IO(TYPE, 2);
    static final int RTC_ALM_SET = Ioctl._IOW(TYPE, 7, RtcTimeLayout.SIZE);
    static final int RTC_ALM_READ = Ioctl._IOR(TYPE, 8, RtcTimeLayout.SIZE);
    static final int RTC_RD_TIME = Ioctl._IOR(TYPE, 9, RtcTimeLayout.SIZE);
    static final int RTC_SET_TIME = Ioctl._IOW(TYPE, 10, RtcTimeLayout.SIZE);

    /** The low byte of the word that a read returns: an interrupt came, that of the alarm. */
    static final int RTC_IRQF = 0x80;
    static final int RTC_AF = 0x20;

    private RtcLayout() { }
}
