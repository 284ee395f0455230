package ferrite.debugport;

import ferrite.debugport.pipeline.Patience;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gate of a port with TLS: the first byte must begin a handshake, which then has a deadline. The handlers after it see
 * plain bytes of any protocol. Other clients get a sentence in plain text.
 */
final class TlsGate extends ByteToMessageDecoder {

    /** Deadline for the handshake, and for its first byte. */
    static final int DEADLINE_SECONDS = 10;

    private static final String SENTENCE = "this port speaks TLS only; use 'ferrite attach --tls', or https";

    private final ServerTls tls;
    private Patience deadline;

    TlsGate(ServerTls tls) {
        this.tls = tls;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        deadline = Patience.start(ctx.executor(), DEADLINE_SECONDS, () -> refuse(ctx, Protocol.TEXT));
        super.channelActive(ctx);
        ctx.read();
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.getUnsignedByte(in.readerIndex()) == Protocol.TLS_HANDSHAKE) {
            SslHandler handler = tls.context().newHandler(ctx.alloc());
            handler.setHandshakeTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS);
            ctx.pipeline().addAfter(ctx.name(), "closure", new TlsClosure());
            ctx.pipeline().replace(this, "tls", handler);
        } else {
            Protocol protocol = Protocol.of(in);
            refuse(ctx, protocol == null ? Protocol.TEXT : protocol);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        if (deadline != null) {
            deadline.cancel();
        }
    }

    /** Answers in plain text. No handler but the farewell may see the client's bytes. */
    private void refuse(ChannelHandlerContext ctx, Protocol protocol) {
        while (ctx.pipeline().last() != ctx.handler()) {
            ctx.pipeline().removeLast();
        }
        ctx.pipeline().addLast(new LastResort());
        ctx.pipeline().replace(this, "refusal",
                new Farewell(protocol.refusal(Protocol.HttpStatus.BAD_REQUEST, SENTENCE)));
    }
}
