package ferrite.debugport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/**
 * Tells the handlers of the protocols that a client has ended its input over TLS, as a half-closed socket tells it in
 * plain text. Closes a connection whose handshake failed or took too long.
 */
final class TlsClosure extends ChannelInboundHandlerAdapter {

    private boolean ended;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (!handshake.isSuccess()) {
                ctx.close();
            }
        } else if (event instanceof SslCloseCompletionEvent close) {
            end(ctx, close.isSuccess());              // it is no success when the port itself takes TLS away
        } else if (event instanceof ChannelInputShutdownEvent) {
            end(ctx, true);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void end(ChannelHandlerContext ctx, boolean byClient) {
        if (byClient && !ended) {
            ended = true;
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }
}
